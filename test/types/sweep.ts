import * as t from 'io-ts'
import { defineObject, defineProject, defineTask, object, param, sweep } from '../../src/index.js'
import type { Equal, Expect } from './expect.js'

const Ridge = defineObject('Ridge', { args: { l2: t.number } }).create(({ l2 }) => ({ l2 }))
const films = defineTask({
  params: { minVotes: param(t.number, { default: 1 }), kind: t.keyof({ long: null, short: null }) },
  data: t.array(t.string),
}).run(() => [])
const simple = { whole: t.Int, flag: t.boolean, maybe: t.union([t.number, t.null]) }
const counted = defineTask({ params: simple, data: t.number }).run(() => 1)
const metrics = defineTask({
  inputs: { films },
  params: { model: object(Ridge) },
  data: t.type({ rmse: t.number }),
}).run(() => ({ rmse: 1 }))
const project = defineProject({ pipelines: { movies: { films, counted, metrics } } })

export const swept = async () => {
  const { rows } = await sweep(project, {
    config: 'a',
    set: {
      min_votes: [1, 2],
      kind: ['long'],
      'model.kwargs.l2': [0.1, 1],
      model: [{ class: 'Ridge' }],
      renamed_in_config: ['anything'],
    },
    metrics: [metrics, 'films'],
  })
  for (const row of rows) {
    type _params = Expect<Equal<(typeof row.params)['min_votes'], number>>
    if (row.outcome === 'done') {
      type _values = Expect<Equal<typeof row.values, readonly [{ rmse: number }, string[]]>>
    } else {
      type _missing = Expect<Equal<(typeof row.values)[0], { rmse: number } | undefined>>
    }
  }
  await sweep(project, { config: 'a', set: { whole: [1, 2], flag: [true, false], maybe: [1, null], min_votes: [] } })
  // @ts-expect-error -- a flag is swept over numbers
  await sweep(project, { config: 'a', set: { flag: [0, 1] } })
  // @ts-expect-error -- a number is swept over texts
  await sweep(project, { config: 'a', set: { min_votes: ['many'] } })
  // @ts-expect-error -- one of the texts is none of the codec's
  await sweep(project, { config: 'a', set: { kind: ['long', 'middling'] } })
  // @ts-expect-error -- no task of that name
  await sweep(project, { config: 'a', set: { min_votes: [1] }, metrics: ['metric'] })
  // @ts-expect-error -- a value is no list of values
  await sweep(project, { config: 'a', set: { min_votes: 1 } })
  return sweep(project, { config: 'a', set: { min_votes: [1] } })
}
