import * as t from 'io-ts'
import { defineTask } from '../../../src/index.js'

export const task = defineTask({ data: t.number }).run((_, { dir }) => 1)
