import * as t from 'io-ts'
import { defineTask } from '../../../src/index.js'
import { allMovies } from '../movies.js'

const spec = { inputs: { allMovies }, data: t.number }
export const total = defineTask({ ...spec, inputsFormerly: { movies: ['all'] } }).run(() => 1)
