import * as t from 'io-ts'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const controller = new AbortController()
const first = defineTask({ data: t.number }).run((_, { signal }) => {
  controller.abort()
  return signal.aborted ? 1 : 2
})

export default {
  pipelines: { movies: { first } },
  ask: async (chain) => {
    const report = await chain.run(undefined, { signal: controller.signal })
    if (!report.stopped || report.computed.length > 0) throw new Error('it did not stop')
    const { errorOf } = await import('../../../src/runtime/chain/task-handle.js')
    const { taskchainError } = await import('../../../src/explain.js')
    throw taskchainError([errorOf(chain.task('first').node, { _tag: 'stopped' })])
  },
} satisfies RunCase
