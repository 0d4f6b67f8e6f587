import { Worker } from 'node:worker_threads'
import { DamagedArtifact } from '../../declare/format.js'
import { portion } from './hdf5-library.js'

/**
 * Some damaged files make h5wasm hang, and nothing in its thread can interrupt it. A file that is not covered by a
 * checksum is therefore first read completely in a separate thread: names, kinds, lengths, attributes, rows.
 */

/**
 * Rejects with `DamagedArtifact` if the library is silent for `patience` milliseconds, or finds more rows than the
 * bytes of the file can hold. Other damage is reported by the next reader.
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
 * Source of the thread, inline so that no bundler or loader has to find a file. Data that the library refuses is
 * skipped, since it may hang on something after it. Deflate makes at most 1,032 bytes out of one.
 */
const probe = `
const { statSync } = require('node:fs')
const { parentPort, workerData: { path, library, portion } } = require('node:worker_threads')
const quietly = (work) => { try { work() } catch {} ; parentPort.postMessage('') }
void import(library).then(async ({ default: h5 }) => {
  ;(await h5.ready).activate_throwing_error_handler() // otherwise it prints; errors are reported elsewhere
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
    if (left < 0) return parentPort.postMessage('it declares more rows than its bytes can hold')
    const step = Math.max(1, Math.floor(portion / size))
    for (let at = 0; at < rows; at += step) quietly(() => void found.slice([[at, Math.min(rows, at + step)]]))
  })
  file.close()
})`
