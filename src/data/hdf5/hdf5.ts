import { makeFormat, type FolderPlace, type Format, type Unfinished } from '../../declare/format.js'
import type { CheckpointTools } from '../folder.js'
import { hdf5Library } from './hdf5-library.js'
import { openHdf5, type Hdf5File } from './hdf5-read.js'
import { hdf5Writer, type FinishingWriter, type Hdf5Writer } from './hdf5-write.js'

/** What `hdf5()` adds to the context of `run`: the tools of a checkpoint, and the file to append to. */
export interface Hdf5Tools extends CheckpointTools {
  readonly file: Hdf5Writer
}

/**
 * Stores growing datasets as an HDF5 file, `data.h5` in a folder that survives an interrupted run: flushed rows are
 * still there when the next run resumes, even after a kill; this takes two copies until `run` returns. The file can be
 * opened with `h5py.File`. Readers receive an `Hdf5File` and read the rows they need.
 *
 * Needs `npm install h5wasm@0.10`.
 *
 * @example
 * const training = defineTask({ params: { epochs: t.number }, data: hdf5() }).run(async ({ epochs }, { file }) => {
 *   const losses = await file.dataset('loss', { columns: ['train', 'test'] })
 *   for (let epoch = losses.length; epoch < epochs; epoch++) {
 *     losses.append([1 / (epoch + 1), 2 / (epoch + 1)])
 *     file.flush()
 *   }
 * })
 * const last = defineTask({ inputs: { training }, data: ndarray('float64') }).run(({ training }) =>
 *   training.dataset('loss', 'float64').slice(-10),
 * )
 */
export const hdf5 = (): Format<Hdf5File, void | Unfinished, Hdf5Tools> => keptHdf5

const writers = new Map<string, FinishingWriter>() // passed from `tools` to the following `write`

const keptHdf5: Format<Hdf5File, void | Unfinished, Hdf5Tools> = makeFormat(
  'hdf5',
  undefined,
  {
    storage: 'checkpoint',
    fragile: true,
    prepare: async () => void (await hdf5Library()),
    tools: ({ directory: dir, resumed }: FolderPlace): Hdf5Tools => {
      writers.get(dir)?.abandon() // an attempt that ignored its signal may still be appending
      const file = hdf5Writer(dir)
      writers.set(dir, file)
      return {
        dir,
        resumed,
        file,
        unfinished: (reason) => {
          file.flush()
          writers.delete(dir)
          return Object.freeze({ _tag: 'Unfinished', reason })
        },
      }
    },
    write: async (_, directory) => {
      await (writers.get(directory) ?? hdf5Writer(directory)).finish()
      writers.delete(directory)
    },
    read: openHdf5,
  },
  '',
)
