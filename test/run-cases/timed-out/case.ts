import * as t from 'io-ts'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const slow = defineTask({ data: t.number, timeout: 5, retry: { attempts: 2, delay: 1 } }).run(
  (_, { signal }) =>
    new Promise<number>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
)

export default { pipelines: { movies: { slow } } } satisfies RunCase
