import * as t from 'io-ts'
import { defineTask } from '../../../src/index.js'

export const task = defineTask({ data: t.type({ mean: t.union([t.number, t.undefined]) }) }).run(() => ({ mean: 1 }))
