import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import { expect } from 'vitest'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const titles = defineTask({ data: t.array(t.string) }).run(() => ['Brazil', 'Alien'])
const dataIn = (store: string): string =>
  join(
    store,
    'movies/titles',
    readdirSync(join(store, 'movies/titles')).find((name) => name.endsWith('.json')) as string,
  )

/**
 * One bit flipped, same size: the checksum sees it, and without repair it is an error; the damaged file stays for who
 * wants to look.
 */
export default {
  pipelines: { movies: { titles } },
  options: { noRepair: true },
  prepare: async (store, again) => {
    await again().chain.run()
    const bytes = readFileSync(dataIn(store))
    bytes[3] = (bytes[3] as number) ^ 1
    writeFileSync(dataIn(store), bytes)
  },
  ask: (chain) => chain.value('titles'),
  after: (store) => expect(readFileSync(dataIn(store), 'utf8')).toContain('Alien'),
} satisfies RunCase
