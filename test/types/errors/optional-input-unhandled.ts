import * as t from 'io-ts'
import { defineTask, optional } from '../../../src/index.js'
import { allMovies } from '../movies.js'

export const task = defineTask({ inputs: { movies: optional(allMovies, null) }, data: t.number }).run(({ movies }) => movies.length)
