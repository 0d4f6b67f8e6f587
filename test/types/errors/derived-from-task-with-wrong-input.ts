import { derive } from '../../../src/index.js'
import { filteredMoviesTask, trained } from '../movies.js'

export const task = derive(filteredMoviesTask, { inputs: { allMovies: trained } })
