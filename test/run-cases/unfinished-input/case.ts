import * as t from 'io-ts'
import { checkpoint } from '../../../src/data/folder.js'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const trained = defineTask({ data: checkpoint() }).run((_, { unfinished }) => unfinished('3 of 10 epochs'))
const tested = defineTask({ inputs: { trained }, data: t.string }).run(({ trained }) => trained)

export default { pipelines: { model: { trained, tested } }, ask: (chain) => chain.value('tested') } satisfies RunCase
