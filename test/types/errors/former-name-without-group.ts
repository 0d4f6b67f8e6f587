import * as t from 'io-ts'
import { defineTask } from '../../../src/index.js'

export const total = defineTask({ formerly: ['sum'], data: t.number }).run(() => 1)
