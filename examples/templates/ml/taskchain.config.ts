import { defineProject } from 'taskchain'
import * as data from './tasks/data.js'
import * as model from './tasks/model.js'

export default defineProject({ root: import.meta.dirname, pipelines: { data, model } })
