import * as t from 'io-ts'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const votes = defineTask({ data: t.array(t.type({ title: t.string, votes: t.number })) }).run(() => [
  { title: 'Brazil', votes: 1 },
  { title: 'Alien', votes: 'many' as never },
])
const mean = defineTask({ data: t.number }).run(() => Number.NaN)

export default { pipelines: { movies: { votes, mean } } } satisfies RunCase
