import type { Measured } from '../checksum.js'
import type { FileSystem } from '../file-system.js'
import { measuringHere, type LargeMeasuring } from './measure-large.js'

const pieceSize = 1024 * 1024

/** Checksum and digest of a file; asynchronous, so that a slow disk does not block this thread. */
export const measureLarge = async (
  fs: FileSystem,
  path: string,
  measure: LargeMeasuring,
): Promise<Measured | undefined> => {
  const handle = await fs.promises.open(path, 'r')
  try {
    const piece = Buffer.allocUnsafeSlow(pieceSize)
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, pieceSize, null)
      if (bytesRead === 0) return await measure.end()
      await measure.add(piece.subarray(0, bytesRead))
    }
  } catch (error) {
    measure.drop()
    throw error
  } finally {
    await handle.close()
  }
}

/** The same for a file whose digest was lost with its thread: measured on this one. */
export const measureAgain = async (fs: FileSystem, path: string): Promise<Measured> =>
  (await measureLarge(fs, path, measuringHere())) as Measured // never lost here
