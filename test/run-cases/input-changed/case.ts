import * as t from 'io-ts'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const votes = defineTask({ data: t.array(t.number) }).run(() => [3, 1, 2])
const sorted = defineTask({ inputs: { votes }, data: t.array(t.number) }).run(({ votes }) => votes.sort())

export default { pipelines: { movies: { votes, sorted } }, options: { checkMutation: true } } satisfies RunCase
