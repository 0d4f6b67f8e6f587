import * as t from 'io-ts'
import { defineTask, param } from '../../../src/index.js'

export const task = defineTask({ params: { minVotes: param(t.number, { default: 'many' }) }, data: t.number }).run(({ minVotes }) => minVotes)
