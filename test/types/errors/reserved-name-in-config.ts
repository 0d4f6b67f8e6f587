import * as t from 'io-ts'
import { defineTask, param } from '../../../src/index.js'

export const task = defineTask({ params: { used: param(t.string, { nameInConfig: 'uses' }) }, data: t.number }).run(() => 1)
