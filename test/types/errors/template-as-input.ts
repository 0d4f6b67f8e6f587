import * as t from 'io-ts'
import { defineTask, defineTemplate } from '../../../src/index.js'

const source = defineTemplate({ data: t.number }).run(() => 1)
export const task = defineTask({ inputs: { source }, data: t.number }).run(() => 1)
