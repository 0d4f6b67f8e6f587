import * as t from 'io-ts'
import { defineTask } from '../../../src/index.js'

declare const Film: t.Type<{ readonly title: string; readonly released: Date }>
export const task = defineTask({ data: t.array(Film) }).run(() => [])
