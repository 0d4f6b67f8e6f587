import * as t from 'io-ts'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const filtered = defineTask({ data: t.number }).run(() => 1)

export default {
  pipelines: { movies: { filtered } },
  ask: (chain) => chain.value('movies:filterd' as never),
} satisfies RunCase
