import * as t from 'io-ts'
import { param } from '../../../src/declare/param.js'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const fetched = defineTask({ params: { apiKey: param(t.string, { secret: true }) }, data: t.number }).run(
  ({ apiKey }) => apiKey.length,
)
const local = defineTask({ data: t.number }).run(() => 1)

export default {
  pipelines: { remote: { fetched, local } },
  spec: { params: { api_key: { env: 'TASKCHAIN_CASE_NOT_SET' } } },
} satisfies RunCase
