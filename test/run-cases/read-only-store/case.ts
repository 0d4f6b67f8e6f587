import { readFileSync, writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import { expect } from 'vitest'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const titles = defineTask({ data: t.array(t.string) }).run(() => ['Brazil'])

/** A file stands where the task's folder should be: nothing can be written there, whoever runs the test. */
export default {
  pipelines: { movies: { titles } },
  prepare: (store) => {
    mkdirSync(join(store, 'movies'))
    writeFileSync(join(store, 'movies/titles'), 'not a folder')
  },
  after: (store) => expect(readFileSync(join(store, 'movies/titles'), 'utf8')).toBe('not a folder'),
} satisfies RunCase
