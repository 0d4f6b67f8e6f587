import * as t from 'io-ts'
import { defineTask } from '../../../src/index.js'

const source = defineTask({ data: t.number })
export const task = defineTask({ inputs: { source }, data: t.number }).run(() => 1)
