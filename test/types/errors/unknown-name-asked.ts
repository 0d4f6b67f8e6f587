import { defineProject, type Chain } from '../../../src/index.js'
import * as movies from '../movies.js'

const project = defineProject({ pipelines: { movies } })
declare const chain: Chain<typeof project.pipelines>
export const asked = [chain.value('movies:filterd'), chain.value('train::movies:filterd')]
