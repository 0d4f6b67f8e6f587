import * as t from 'io-ts'
import { defineTask } from '../../../src/index.js'
import { allMovies } from '../movies.js'

export const task = defineTask({ inputs: { allMovies }, data: t.number }).run(({ allMovie }) => 1)
