import { mock, testTask } from '../../../src/testing/index.js'
import { allMovies, filteredMoviesTask } from '../movies.js'

export const mocked = mock(allMovies, [{ title: 'a', votes: 'many' }])
export const tested = testTask(filteredMoviesTask, { inputs: { allMovies: [{ title: 'a', votes: 'many' }] } })
