import * as t from 'io-ts'
import { defineTask } from '../../../src/index.js'
import { lines } from '../movies.js'

export const task = defineTask({ data: lines(t.string) }).run(function* () {
  yield 1
})
