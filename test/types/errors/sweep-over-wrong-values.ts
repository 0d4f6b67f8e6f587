import * as t from 'io-ts'
import { defineProject, defineTask, sweep } from '../../../src/index.js'

const params = { minVotes: t.Int, flag: t.boolean, kind: t.keyof({ long: null, short: null }) }
const films = defineTask({ params, data: t.number }).run(() => 1)
const project = defineProject({ pipelines: { movies: { films } } })
export const swept = [
  sweep(project, { config: 'a', set: { min_votes: ['many'] } }),
  sweep(project, { config: 'a', set: { flag: [1, 2] } }),
  sweep(project, { config: 'a', set: { kind: [1] } }),
]
