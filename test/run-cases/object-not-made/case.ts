import * as t from 'io-ts'
import { defineObject, object } from '../../../src/declare/object.js'
import { defineTask } from '../../../src/declare/task.js'
import type { RunCase } from '../../run-cases.test.js'

const Ridge = defineObject('Ridge', { args: { l2: t.number } }).create(({ l2 }) => {
  if (l2 < 0) throw new RangeError('l2 must not be negative')
  return { l2 }
})
const strength = defineTask({ params: { model: object(Ridge) }, data: t.number }).run(({ model }) => model.l2)

export default {
  pipelines: { model: { strength } },
  spec: { objects: { Ridge }, params: { model: { class: 'Ridge', kwargs: { l2: -1 } } } },
} satisfies RunCase
