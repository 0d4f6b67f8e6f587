import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openChain, openChains } from 'taskchain'
import { afterEach, beforeEach, expect, test } from 'vitest'
import example from '../taskchain.config.js'
import { laterMetrics } from '../tasks/across-time.js'
import { testMetrics } from '../tasks/rating-model.js'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'movies-'))
  await cp(join(import.meta.dirname, '../configs'), join(root, 'configs'), { recursive: true })
})
afterEach(() => rm(root, { recursive: true }))

/** The example in a separate folder, opened anew: it shares only the store with an earlier chain. */
const project = () => ({ ...example, root, globals: { ...example.globals, CONFIGS: join(root, 'configs') } })
const config = 'rating_model/all_features/linear_regression'

test('what was computed once is not computed again', async () => {
  const first = await (await openChain(project(), { config })).run()
  expect(first.failed).toEqual([])
  const again = await openChain(project(), { config })
  const { computed, loaded, cached } = await again.run()
  expect({ computed, loaded }).toEqual({ computed: [], loaded: [] })
  expect(cached).toHaveLength(again.plan.nodes.filter(({ storage }) => storage !== 'memory').length)
  expect((await again.value(testMetrics)).films).toBe(527)
})

test('another min_votes recomputes what the plan announces, and nothing else', async () => {
  await (await openChain(project(), { config })).run()
  const file = join(root, 'configs/movies/imdb.filtered.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace('min_votes: 1000', 'min_votes: 2000'))
  const chain = await openChain(project(), { config })
  const states = await chain.states()
  const kept = (name: string): boolean => states.get(name) !== 'in_memory'
  const announced = [...states].filter(([, state]) => state === 'to_run').map(([name]) => name)
  expect(announced).toEqual(['movies:movies', ...chain.dependents('movies:movies').filter(kept)])
  const { computed, failed } = await chain.run()
  expect({ computed: computed.filter(kept).toSorted(), failed }).toEqual({ computed: announced.toSorted(), failed: [] })
})

test('models that share films and features share the work', async () => {
  const models = await openChains(project(), 'rating_model/all_features')
  const { computed, failed } = await models.run()
  expect(failed).toEqual([])
  expect(computed.filter((name) => name === 'features:all_features')).toHaveLength(1)
  expect(computed.filter((name) => name === 'rating_model:train_model')).toHaveLength(3)
})

test('models that know something beat the baseline clearly', async () => {
  const errors = new Map<string, number>()
  for (const [name, chain] of (await openChains(project(), 'rating_model')).chains)
    errors.set(name.replace('rating_model/', ''), (await chain.value(testMetrics)).RMSE)
  const baseline = errors.get('all_features/baseline') ?? NaN
  expect(errors.get('basic_features/linear_regression')).toBeLessThan(baseline - 0.1)
  expect(errors.get('all_features/linear_regression')).toBeLessThan(baseline - 0.15)
  expect(errors.get('all_features/knn')).toBeLessThan(baseline - 0.1)
  expect(errors.get('with_critics/linear_regression')).toBeLessThan(baseline - 0.3)
})

test('a model of earlier films says something about later ones', async () => {
  const chain = await openChain(project(), { config: 'across_time' })
  const { films, RMSE } = await chain.value(laterMetrics)
  expect(films).toBe(1581)
  expect(RMSE).toBeLessThan(1.2) // the mean of the earlier films: 1.23
})
