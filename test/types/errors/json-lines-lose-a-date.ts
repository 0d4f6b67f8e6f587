import type * as t from 'io-ts'
import { jsonLines } from '../../../src/data/index.js'

declare const Event: t.Type<{ readonly at: Date }>
export const events = jsonLines(Event)
