import * as t from 'io-ts'
import { file } from '../../../src/declare/file-param.js'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const counted = defineTask({ params: { source: file }, data: t.number }).run(() => 1)

export default {
  pipelines: { rows: { counted } },
  spec: { params: { source: 'data/rows.csv' }, digests: { 'data/rows.csv': 'a'.repeat(64) } },
  options: { digests: async (paths) => Object.fromEntries(paths.map((path) => [path, 'b'.repeat(64)])) },
} satisfies RunCase
