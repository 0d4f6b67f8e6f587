import * as t from 'io-ts'
import { asPath, defineTask, from } from '../../../src/index.js'

const source = defineTask({ data: t.number }).run(() => 1)
export const task = defineTask({ inputs: { source: asPath(from('train', source)) }, data: t.string }).run(({ source }) => source)
