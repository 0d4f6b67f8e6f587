import * as t from 'io-ts'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const loaded = defineTask({ data: t.number }).run((_, { log }): number => {
  log.info('reading the file')
  throw new Error('the file has no header', { cause: new Error('empty file') })
})
const counted = defineTask({ inputs: { loaded }, data: t.number }).run(({ loaded }) => loaded)

export default { pipelines: { movies: { loaded, counted } } } satisfies RunCase
