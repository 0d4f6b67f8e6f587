import * as t from 'io-ts'
import { asPath, defineTask } from '../../../src/index.js'
import { command, writtenAs } from '../../../src/programs/index.js'

const rows = defineTask({ data: t.array(t.number) }).run(() => [])
export const wrongInput = command({ inputs: { rows: asPath(rows) }, program: 'a', args: ({ inputs }) => [inputs.row], data: t.number })
export const wrongArgument = command({ inputs: { rows }, program: 'a', args: ({ inputs }) => [inputs.rows], data: t.number })
export const clash = command({ inputs: { rows }, files: { rows: 'rows.py' }, program: 'a', data: t.number })
export const wrongFormat = writtenAs(rows, t.array(t.string))
