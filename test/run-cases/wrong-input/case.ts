import * as t from 'io-ts'
import { ref } from '../../../src/declare/input.js'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const title = defineTask({ data: t.string }).run(() => 'Brazil')
const doubled = defineTask({ inputs: { votes: ref('movies:title', t.number) }, data: t.number }).run(
  ({ votes }) => 2 * votes,
)

export default { pipelines: { movies: { title, doubled } } } satisfies RunCase
