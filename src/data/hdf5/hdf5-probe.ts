import { Worker } from 'node:worker_threads'
import { DamagedArtifact } from '../../declare/format.js'
import { portion } from './hdf5-library.js'

/**
 * From some damaged files h5wasm does not come back, and nothing in its thread can interrupt it. A file that no
 * checksum speaks for is therefore read in a thread of its own first, whole: names, kinds, lengths, attributes, rows.
 */

/**
 * Rejects with `DamagedArtifact` where the library says nothing for so many milliseconds, or finds more rows than the
 * bytes of the file can hold. What else is wrong with it is told by who reads it next.
 */
export const refuseEndless = (path: string, patience = 60_000): Promise<void> =>
  new Promise((resolve, reject) => {
    const library = import.meta.resolve('h5wasm/node')
    const worker = new Worker(probe, { eval: true, workerData: { path, library, portion }, stdout: true, stderr: true })
    const refuse = (problem: string): void => {
      reject(new DamagedArtifact(`HDF5, ${path}: it is damaged: ${problem}`))
      void worker.terminate()
    }
    const giveUp = (): void => refuse(`nothing came of reading it for ${Math.ceil(patience / 1000)} s`)
    let waiting = setTimeout(giveUp, patience)
    worker.on('message', (problem: string) => {
      clearTimeout(waiting)
      if (problem === '') waiting = setTimeout(giveUp, patience)
      else refuse(problem)
    })
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      clearTimeout(waiting)
      resolve()
    })
  })

/**
 * The text of the thread: no file of its own, which a bundler or a loader would have to find. What the library refuses
 * is passed over, since what comes after it may be what it does not come back from. Deflate makes at most 1,032 bytes
 * of one.
 */
const probe = `
const { statSync } = require('node:fs')
const { parentPort, workerData: { path, library, portion } } = require('node:worker_threads')
const quietly = (work) => { try { work() } catch {} ; parentPort.postMessage('') }
void import(library).then(async ({ default: h5 }) => {
  ;(await h5.ready).activate_throwing_error_handler() // else it prints, and what is wrong is told elsewhere
  const file = new h5.File(path, 'r')
  let left = 1032 * statSync(path).size
  for (const name of file.paths()) quietly(() => {
    const found = file.get(name)
    if (found === null || !('resize' in found)) return
    const [rows = 1, ...row] = found.shape ?? []
    quietly(() => void [found.dtype, found.attrs.columns?.value])
    if (found.shape.length === 0) return void found.value
    const size = row.reduce((product, length) => product * length, found.metadata.size)
    left -= rows * size
    if (left < 0) return parentPort.postMessage('it tells of more rows than its bytes can hold')
    const step = Math.max(1, Math.floor(portion / size))
    for (let at = 0; at < rows; at += step) quietly(() => void found.slice([[at, Math.min(rows, at + step)]]))
  })
  file.close()
})`
