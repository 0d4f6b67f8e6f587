import * as t from 'io-ts'
import { param } from '../../../src/index.js'

export const minVotes = param(t.number, { defualt: 1 })
