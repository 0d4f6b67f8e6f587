import { writeFileSync, rmSync } from 'node:fs'
import * as t from 'io-ts'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const titles = defineTask({ data: t.array(t.string) }).run(() => ['Brazil'])

/** The store's own folder is a file. */
export default {
  pipelines: { movies: { titles } },
  prepare: (store) => {
    rmSync(store, { recursive: true })
    writeFileSync(store, 'not a folder')
  },
} satisfies RunCase
