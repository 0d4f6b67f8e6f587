import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { defineProject } from 'taskchain'
import * as cars from './cars.js'

/** The cars come with the npm package vega-datasets: its entry point is `build/index.js`, its data is in `data`. */
const vegaDatasets = dirname(dirname(createRequire(import.meta.url).resolve('vega-datasets')))

export default defineProject({
  root: import.meta.dirname,
  pipelines: { cars },
  globals: { VEGA_DATA: join(vegaDatasets, 'data') },
})
