import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { defineProject } from 'taskchain'
import * as learners from './models/learners.js'
import * as acrossTime from './tasks/across-time.js'
import * as features from './tasks/features.js'
import * as movies from './tasks/movies.js'
import * as ratingModel from './tasks/rating-model.js'

/** The films come with the npm package vega-datasets: its entry point is `build/index.js`, its data is in `data`. */
const vegaDatasets = dirname(dirname(createRequire(import.meta.url).resolve('vega-datasets')))

export default defineProject({
  root: import.meta.dirname,
  pipelines: { movies, features, ratingModel, acrossTime },
  objects: learners,
  globals: {
    CONFIGS: join(import.meta.dirname, 'configs'),
    VEGA_DATA: join(vegaDatasets, 'data'),
  },
})
