import { makeFormat, type FolderPlace, type Format, type Unfinished } from '../declare/format.js'

/** Path of a finished folder in the store. Changing its content is a bug: other tasks read it too. */
export type DirectoryPath = string & { readonly _DirectoryPath: 'DirectoryPath' }

/** What `directory()` adds to the context of `run`. */
export interface DirectoryTools {
  /** Path of a fresh, empty folder; its content when `run` returns is the artifact. */
  readonly dir: string
}

/** What `checkpoint()` adds to the context of `run`. */
export interface CheckpointTools extends DirectoryTools {
  /** True if an interrupted run left files in `dir`. */
  readonly resumed: boolean
  /**
   * Stops on purpose before the work is done: `return unfinished('the quota is used up')`. Files are kept, and the next
   * run resumes.
   */
  readonly unfinished: (reason: string) => Unfinished
}

/**
 * A fresh folder for `run` to fill, given as `dir` in its context; readers receive the path of the finished folder.
 * A run that fails leaves nothing behind.
 *
 * @example
 * const exported = defineTask({ inputs: { allMovies }, data: directory() }).run(async ({ allMovies }, { dir }) => {
 *   await writeFile(join(dir, 'titles.txt'), allMovies.map(({ title }) => title).join('\n'))
 * })
 */
export const directory = (): Format<DirectoryPath, void, DirectoryTools> => keptDirectory

const keptDirectory: Format<DirectoryPath, void, DirectoryTools> = makeFormat(
  'directory',
  undefined,
  {
    storage: 'folder',
    tools: ({ directory: dir }: FolderPlace): DirectoryTools => ({ dir }),
    write: () => undefined,
    read: (path) => path,
  },
  '',
)

/**
 * A folder that survives an interrupted run: the next run finds the files in `dir` and resumes. When `run` returns, the
 * folder becomes the artifact.
 * A run may stop on purpose with `return unfinished(reason)`: there is no value yet, and dependents wait.
 *
 * @example
 * const trained = defineTask({ params: { epochs: t.number }, data: checkpoint() }).run(
 *   async ({ epochs }, { dir, resumed, unfinished, signal }) => {
 *     const state = join(dir, 'epoch.txt')
 *     const started = Date.now()
 *     for (let epoch = resumed ? Number(await readFile(state, 'utf8')) : 0; epoch < epochs; epoch++) {
 *       await writeFile(state, String(epoch + 1))
 *       if (Date.now() - started > 60_000) return unfinished(`stopped after epoch ${epoch}`)
 *       signal.throwIfAborted()
 *     }
 *     return undefined
 *   },
 * )
 */
export const checkpoint = (): Format<DirectoryPath, void | Unfinished, CheckpointTools> => keptCheckpoint

const keptCheckpoint: Format<DirectoryPath, void | Unfinished, CheckpointTools> = makeFormat(
  'checkpoint',
  undefined,
  {
    storage: 'checkpoint',
    tools: ({ directory: dir, resumed }: FolderPlace): CheckpointTools => ({
      dir,
      resumed,
      unfinished: (reason) => Object.freeze({ _tag: 'Unfinished', reason }),
    }),
    write: () => undefined,
    read: (path) => path,
  },
  '',
)
