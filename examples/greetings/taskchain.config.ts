import { defineProject } from 'taskchain'
import * as greetings from './greetings.js'

export default defineProject({ pipelines: { greetings } })
