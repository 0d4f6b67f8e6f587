import { dirname, relative, resolve } from 'node:path'
import { findProjectFile } from '../../adapters/project/project-file.js'
import { isFile } from '../../adapters/project/store-marks.js'
import { taskchainError } from '../../explain.js'
import type { Call } from '../call.js'
import type { ExitCode } from '../exit-codes.js'
import { importedFiles } from './imported-files.js'
import { nextChange } from './next-change.js'
import { startRound, type RoundEnd } from './round.js'
import { stopOfWatching, type StopOfWatching } from './stop-of-watching.js'
import { keyOf, look, type Look, type Seen, type Watched } from './watched-files.js'
import { jsonDocument } from '../json-output.js'
import { oneLine } from '../render/text-width.js'
import { counted } from '../render/units.js'

/**
 * `run --watch`: runs, and runs again whenever a config, a file named by a param or code has changed, each time in a
 * separate process that loads everything afresh. Changes during a round wait for its end: its results stay valid for
 * what it has read.
 */
export const watchRun = async (call: Call, words: readonly string[]): Promise<ExitCode> => {
  const file = await projectFile(call)
  const place = { file, root: dirname(file) }
  const stop = stopOfWatching()
  let changed: readonly string[] = []
  let code = codeOf(file)
  let read = new Map<string, Watched>()
  let seen: Look = look([...code.found, ...code.missing], place.root)
  try {
    for (let number = 1; ; number++) {
      sayRound(
        call,
        number,
        changed.map((path) => shown(call, path)),
      )
      const since = Date.now()
      const during = await roundOf({ words: number === 1 ? words : withoutForce(words), since, seen, place, stop })
      const { end } = during
      const ended = stop.code() ?? (number === 1 && !end.hasBegun ? codeOfRound(end) : undefined)
      if (ended !== undefined) return ended
      // a failed round may have read less than the previous one
      read = end.code === 0 ? during.read : new Map([...read, ...during.read])
      code = codeOf(file)
      const watched = [...code.found, ...code.missing, ...read.values()]
      sayWatching(call, number, end, code.found.length + read.size)
      const before = new Map([...look(code.missing, place.root), ...during.seen])
      const next = await nextChange({ watched, root: place.root, seen: before, since, signal: stop.signal })
      const stopped = stop.code()
      if (stopped !== undefined) return stopped
      ;({ changed, seen } = next)
    }
  } finally {
    stop.release()
  }
}

interface RoundParts {
  readonly words: readonly string[]
  readonly since: number
  readonly seen: Look
  readonly place: { readonly root: string }
  readonly stop: StopOfWatching
}

/** A round, what it read, and, unless known from earlier rounds, the state of those files when they were read. */
const roundOf = async ({ words, since, seen, place, stop }: RoundParts) => {
  const read = new Map<string, Watched>()
  const after = new Map<string, Seen>(seen)
  const round = startRound(words, (files) => {
    for (const one of files) read.set(keyOf(one), one)
    const fresh = files.filter((one) => !after.has(keyOf(one)))
    // a file written since the round began may have been read before or after the write
    for (const [key, one] of look(fresh, place.root)) if (one.changed <= since) after.set(key, one)
  })
  return { end: await stop.during(round), read, seen: after }
}

const projectFile = async ({ host, common }: Call): Promise<string> => {
  const named = common.project === undefined ? undefined : resolve(host.folder, common.project)
  const file = named !== undefined && (await isFile(named)) ? named : await findProjectFile(named ?? host.folder)
  if (file === undefined)
    throw taskchainError([{ _tag: 'ProjectNotFound', lookedIn: host.folder, file: common.project }])
  return file
}

const codeOf = (file: string): { readonly found: readonly Watched[]; readonly missing: readonly Watched[] } => {
  const { found, missing } = importedFiles(file)
  const watchedAs = (path: string): Watched => ({ kind: 'text', path })
  return { found: found.map(watchedAs), missing: missing.map(watchedAs) }
}

/** A round that ends before it looks for its project was called wrongly, which no change of a file can fix. */
const codeOfRound = ({ code }: RoundEnd): ExitCode => (code ?? 1) as ExitCode // the exit code of our own command

/** A forced task stays forced until it is computed; with `--force` in every round it would be recomputed every time. */
const withoutForce = (words: readonly string[]): readonly string[] =>
  words.filter((word, at) => !word.startsWith('--force') && words[at - 1] !== '--force')

const shown = ({ host }: Call, path: string): string => {
  const short = relative(host.folder, path)
  return path.startsWith('/') && short.length < path.length ? short : path
}

/** What `--watch` prints around its rounds; nothing with `--quiet`. */

const maxNamed = 5

/** Before a round: what has changed since the previous one. */
const sayRound = (call: Call, round: number, changed: readonly string[]): void => {
  if (call.common.json) call.host.out.write(jsonDocument({ event: 'round', round, changed }))
  else if (round > 1 && call.options['quiet'] !== true) {
    const named = changed.slice(0, maxNamed).map(oneLine).join(', ')
    const more = changed.length > maxNamed ? ` and ${changed.length - maxNamed} more` : ''
    call.host.out.write(`\n${call.paint.out.cyan('changed')}  ${named}${more}\n`)
  }
}

/** After a round. */
const sayWatching = (call: Call, round: number, { code, signal }: RoundEnd, files: number): void => {
  if (call.common.json) call.host.out.write(jsonDocument({ event: 'watching', round, exit: code, signal, files }))
  else if (call.options['quiet'] !== true || signal !== null) {
    const end = signal === null ? '' : `${call.paint.out.red(`the run was ended by ${signal}`)}; `
    call.host.out.write(`${end}${call.paint.out.dim(`watching ${counted(files, 'file')}; Ctrl-C ends`)}\n`)
  }
}
