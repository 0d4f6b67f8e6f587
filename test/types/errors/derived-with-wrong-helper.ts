import * as t from 'io-ts'
import { defineTemplate, derive } from '../../../src/index.js'

const titles = defineTemplate({ helpers: { pick: (title: string) => title }, data: t.array(t.string) }).run((_, { helpers }) => ['a'].map(helpers.pick))
export const task = derive(titles, { helpers: { pick: (title: string) => title.length } })
