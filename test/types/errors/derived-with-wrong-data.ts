import * as t from 'io-ts'
import { directory } from '../../../src/data/index.js'
import { defineTemplate, derive } from '../../../src/index.js'

const titles = defineTemplate({ data: t.array(t.string) }).run(() => ['a'])
export const numbers = derive(titles, { data: t.array(t.number) })

const written = defineTemplate({ data: directory() }).run((_, { dir }) => void dir)
export const kept = derive(written, { data: t.unknown })
