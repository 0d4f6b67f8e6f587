import * as t from 'io-ts'
import { jsonLines } from '../../../src/data/index.js'
import { defineTask } from '../../../src/index.js'

export const task = defineTask({ data: jsonLines(t.string) }).run(function* () {
  yield 1
})
