import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import { expect } from 'vitest'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const titles = defineTask({ data: t.array(t.string) }).run(() => ['Brazil'])
let inTheWay = ''

/** A folder with someone's file stands where the data's file should go: it stays, and no temporary file is left. */
export default {
  pipelines: { movies: { titles } },
  prepare: (store, again) => {
    inTheWay = join(store, 'movies/titles', `${again().chain.task('titles').key}.json`)
    mkdirSync(inTheWay, { recursive: true })
    writeFileSync(join(inTheWay, 'mine.txt'), 'mine')
  },
  after: (store) => {
    expect(readFileSync(join(inTheWay, 'mine.txt'), 'utf8')).toBe('mine')
    expect(readdirSync(join(store, 'movies/titles')).filter((name) => name.includes('tmp'))).toEqual([])
  },
} satisfies RunCase
