import { defineProject } from 'taskchain'
import * as greetings from './greetings.js'

export default defineProject({ root: import.meta.dirname, pipelines: { greetings } })
