import type * as t from 'io-ts'
import { defineTask } from '../../../src/index.js'

declare const Count: t.Type<bigint>
export const task = defineTask({ data: Count }).run(() => 1n)
