import type * as t from 'io-ts'
import { defineTask } from '../../../src/index.js'

declare const Index: t.Type<{ readonly byTitle: ReadonlyMap<string, number> }>
export const task = defineTask({ data: Index }).run(() => ({ byTitle: new Map() }))
