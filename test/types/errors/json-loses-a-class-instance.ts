import type * as t from 'io-ts'
import { defineTask, json } from '../../../src/index.js'
import type { Model } from '../movies.js'

declare const Trained: t.Type<Model>
export const task = defineTask({ data: json(Trained) }).run(() => ({}) as never)
