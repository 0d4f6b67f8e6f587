import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'

/** The guests to greet, each once, in order. */
export const guests = defineTask({
  params: { names: t.array(t.string) },
  data: t.array(t.string),
}).run(({ names }) => [...new Set(names)].sort())

/** A greeting for each guest. */
export const greetings = defineTask({
  inputs: { guests },
  params: { greeting: param(t.string, { default: 'Hello' }) },
  data: t.array(t.string),
}).run(({ guests, greeting }) => guests.map((guest) => `${greeting}, ${guest}!`))

/** All greetings as a single text. */
export const letter = defineTask({ inputs: { greetings }, data: t.string }).run(({ greetings }) => greetings.join('\n'))
