import { defineProject } from 'taskchain'
import * as evaluation from './tasks/evaluation.js'

export default defineProject({ root: import.meta.dirname, pipelines: { evaluation } })
