import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { defineProject } from 'taskchain'
import * as learners from './models/learners.js'
import * as acrossTime from './tasks/across-time.js'
import * as features from './tasks/features.js'
import * as movies from './tasks/movies.js'
import * as ratingModel from './tasks/rating-model.js'

/** The films come with the npm package vega-datasets; its entry point is `build/index.js`, its data is beside that folder. */
const vegaDatasets = createRequire(import.meta.url).resolve('vega-datasets')

export default defineProject({
  pipelines: { movies, features, ratingModel, acrossTime },
  objects: learners,
  globals: {
    CONFIGS: fileURLToPath(new URL('configs', import.meta.url)),
    VEGA_DATA: fileURLToPath(new URL('../data', new URL(`file://${vegaDatasets}`))),
  },
})
