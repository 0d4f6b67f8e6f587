import * as t from 'io-ts'
import { defineTask } from '../../../src/index.js'
import { allMovies } from '../movies.js'

export const task = defineTask({ inputs: { allMovies }, params: { uses: t.number }, data: t.number }).run(() => 1)
