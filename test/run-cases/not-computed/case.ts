import * as t from 'io-ts'
import { expect } from 'vitest'
import { inMemory } from '../../../src/declare/format.js'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const runs: string[] = []
const votes = defineTask({ data: t.number }).run(() => runs.push('votes'))
const titles = defineTask({ inputs: { votes }, data: t.number }).run(({ votes }) => runs.push('titles') + votes)
const index = defineTask({ inputs: { titles }, data: inMemory<number>() }).run(
  ({ titles }) => runs.push('index') + titles,
)

/** Asked for without computing: nothing that is kept runs, nor what it reads. */
export default {
  pipelines: { movies: { votes, titles, index } },
  ask: (chain) => chain.task('index').value({ compute: false }),
  after: () => expect(runs).toEqual([]),
} satisfies RunCase
