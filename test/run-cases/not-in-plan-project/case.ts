import * as t from 'io-ts'
import { defineProject } from '../../../src/declare/project.js'
import { defineTask } from '../../../src/declare/task.js'
import { indexProject } from '../../../src/plan/names/project-index.js'
import { makeChain } from '../../../src/runtime/chain/chain.js'
import type { RunCase } from '../../run-cases.test.js'
import { open } from '../../runtime/fixture.js'

const kept = defineTask({ data: t.number }).run(() => 1)
const gone = defineTask({ data: t.number }).run(() => 2)

/** A plan that another version of the project has made. */
export default {
  pipelines: { movies: { kept, gone } },
  ask: async ({ plan }) => {
    const today = defineProject({ pipelines: { movies: { kept } } })
    makeChain({ ...open({ movies: { kept } }).session, project: today, index: indexProject(today) }, plan)
  },
} satisfies RunCase
