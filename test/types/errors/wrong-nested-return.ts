import { defineTask } from '../../../src/index.js'
import { Movie } from '../movies.js'

export const task = defineTask({ data: Movie }).run(() => ({ title: 'a', votes: 'many' }))
