import * as t from 'io-ts'
import { defineTemplate, derive } from '../../../src/index.js'
import { allMovies, trained } from '../movies.js'

const titles = defineTemplate({ inputs: { rows: allMovies }, data: t.array(t.string) }).run(({ rows }) => rows.map((row) => row.title))
export const task = derive(titles, { inputs: { rows: trained } })
