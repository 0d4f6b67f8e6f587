// The example on movies in a folder of its own, as a user would have copied it; the folder is in one that goes with it.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { command, emptyFolder, root, start, write } from '../cli/fixture.js'

const modules = ['cleaning', 'matrix', 'mean', 'metrics', 'movie', 'random', 'taskchain.config'].map(
  (name) => `${name}.ts`,
)
const plots = ['vega', 'vega-datasets', 'vega-lite', '@resvg/resvg-js']

export const moviesFolder = (): string => {
  const folder = join(emptyFolder(['taskchain', 'fp-ts', 'io-ts', 'ml-matrix', 'ndarray', ...plots]), 'movies')
  for (const part of ['configs', 'models', 'tasks', ...modules])
    cpSync(join(root, 'examples/movies', part), join(folder, part), { recursive: true })
  write(folder, { 'package.json': '{ "type": "module" }' })
  return folder
}

/** A run that has to succeed. */
export const runIn = async (folder: string, ...words: readonly string[]): Promise<void> => {
  const { code, err } = await start(process.execPath, [command, 'run', ...words], folder).ended
  if (code !== 0) throw new Error(err)
}
