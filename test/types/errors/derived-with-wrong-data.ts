import * as t from 'io-ts'
import { defineTemplate, derive } from '../../../src/index.js'
import { folder } from '../movies.js'

const titles = defineTemplate({ data: t.array(t.string) }).run(() => ['a'])
export const numbers = derive(titles, { data: t.array(t.number) })

const written = defineTemplate({ data: folder() }).run((_, { dir }) => void dir)
export const kept = derive(written, { data: t.unknown })
