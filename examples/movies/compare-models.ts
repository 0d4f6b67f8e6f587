import { explainAll, openChains } from 'taskchain'
import project from './taskchain.config.js'
import { testMetrics } from './tasks/rating-model.js'

/** Runs every config of configs/rating_model at once: films, features and splits that they share are computed once. */
const models = await openChains(project, 'rating_model')
const { computed, cached, failed } = await models.run()

if (failed.length === 0) {
  const rows = await Promise.all(
    Array.from(models.chains, async ([config, chain]) => {
      const { films, RMSE, MAE } = await chain.value(testMetrics)
      return { config: config.replace('rating_model/', ''), films, RMSE: RMSE.toFixed(3), MAE: MAE.toFixed(3) }
    }),
  )
  console.table(rows)
}
if (failed.length > 0) console.error(explainAll(failed))
console.log(`${computed.length} computed, ${cached.length} cached, ${failed.length} failed`)
await models.close()
process.exitCode = failed.length === 0 ? 0 : 1
