import { join } from 'node:path'
import { defineProject } from 'taskchain'
import * as words from './tasks/words.js'

export default defineProject({
  root: import.meta.dirname,
  pipelines: { words },
  globals: { TEXTS: join(import.meta.dirname, 'texts') },
})
