import * as t from 'io-ts'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const train = defineTask({ data: t.number }).run(() => 1)
const test = defineTask({ name: 'train', data: t.number }).run(() => 1)

export default {
  pipelines: { movies: { train }, model: { test } },
  ask: (chain) => chain.value('train' as never),
} satisfies RunCase
