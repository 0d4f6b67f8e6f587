import { Worker } from 'node:worker_threads'
import { DamagedArtifact } from '../../declare/format.js'

/**
 * From some damaged files h5wasm does not come back, and nothing in its thread can interrupt it. A file that no
 * checksum speaks for is therefore read in a thread of its own first: names, kinds, lengths and attributes.
 */

/**
 * Rejects with `DamagedArtifact` where the library says nothing for so many milliseconds. What else is wrong with the
 * file is told by who reads it next.
 */
export const refuseEndless = (path: string, patience = 60_000): Promise<void> =>
  new Promise((resolve, reject) => {
    const library = import.meta.resolve('h5wasm/node')
    const worker = new Worker(probe, { eval: true, workerData: { path, library }, stdout: true, stderr: true })
    const giveUp = (): void => {
      const seconds = Math.ceil(patience / 1000)
      reject(new DamagedArtifact(`HDF5, ${path}: it is damaged: nothing came of reading it for ${seconds} s`))
      void worker.terminate()
    }
    let waiting = setTimeout(giveUp, patience)
    worker.on('message', () => {
      clearTimeout(waiting)
      waiting = setTimeout(giveUp, patience)
    })
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      clearTimeout(waiting)
      resolve()
    })
  })

/** The text of the thread: no file of its own, which a bundler or a loader would have to find. */
const probe = `
const { parentPort, workerData } = require('node:worker_threads')
void import(workerData.library).then(async ({ default: h5 }) => {
  ;(await h5.ready).activate_throwing_error_handler() // else it prints, and what is wrong is told elsewhere
  const file = new h5.File(workerData.path, 'r')
  for (const name of file.paths()) {
    const found = file.get(name)
    if (found !== null && 'resize' in found) void [found.dtype, found.shape, found.attrs.columns?.value]
    parentPort.postMessage(name)
  }
  file.close()
})`
