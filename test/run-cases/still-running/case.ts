import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkpoint } from '../../../src/data/index.js'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

/** It does not listen, so a second attempt would have it for a neighbour in its folder. */
const trained = defineTask({ data: checkpoint(), timeout: 5, retry: { attempts: 3, delay: 1 } }).run((_, { dir }) => {
  writeFileSync(join(dir, 'rows'), '1')
  return new Promise<void>(() => undefined)
})

export default { pipelines: { model: { trained } } } satisfies RunCase
