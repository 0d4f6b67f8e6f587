import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { ArtifactSource, Bytes, FilePersistence, FolderPersistence, Format } from '../declare/format.js'

/** What `checkFormat` is told about a format. */
export interface FormatCases<Value, Returned> {
  /** Values as `run` may return them; extremes are best: empty, large, with every kind of content. A function where each use needs a fresh one (a generator). */
  readonly values: readonly (Returned | (() => Returned))[]
  /** Values that must be refused with `FormatProblem`. */
  readonly refused?: readonly unknown[]
  /** What readers get, as something that compares: `(lines) => lines.toArray()`. Default: the value itself. */
  readonly plain?: (value: Value) => unknown
  /** What `plain` must give for a returned value. Default: the returned value itself. */
  readonly expected?: (returned: Returned) => unknown
}

/**
 * Checks a format of one's own against what the library relies on; rejects with a sentence for the first promise that it breaks:
 * values come back; the same value gives the same bytes; a source can be read twice, in chunks of any size; a settled value is what
 * loading gives; what cannot be kept is refused with `FormatProblem`. Folder formats are checked in a temporary folder.
 *
 * @example
 * test('model keeps models', () => checkFormat(model, { values: [emptyModel, largeModel], refused: [undefined, {}] }))
 */
export const checkFormat = async <Value, Returned>(format: Format<Value, Returned, any>, cases: FormatCases<Value, Returned>): Promise<void> => {
  const { persistence, kind } = format
  if (persistence.storage === 'memory') return
  for (const [index, value] of cases.values.entries()) {
    const fresh = (): Returned => (typeof value === 'function' ? (value as () => Returned)() : value)
    const outcomes = persistence.storage === 'file' ? await fileOutcomes(kind, index, persistence, fresh) : [await folderOutcome(persistence, fresh)]
    for (const { how, value: read, done } of outcomes) {
      const plain = await (cases.plain ?? ((given: Value): unknown => given))(read as Value)
      const expected = await (cases.expected ?? ((given: Returned): unknown => given))(fresh())
      await done()
      if (!isDeepStrictEqual(plain, expected)) throw new Error(`${kind}: value ${index} does not come back (${how})`)
    }
  }
  for (const [index, value] of (cases.refused ?? []).entries()) {
    const problem = await (persistence.storage === 'file' ? gathered(persistence, value) : folderOutcome(persistence, () => value)).then(
      () => undefined,
      (cause: unknown) => cause,
    )
    if (problem === undefined) throw new Error(`${kind}: refused value ${index} was kept`)
    if (!(problem instanceof Error) || problem.name !== 'FormatProblem') throw new Error(`${kind}: refused value ${index} threw something else than FormatProblem: ${String(problem)}`, { cause: problem })
  }
}

interface Outcome {
  readonly how: string
  readonly value: unknown
  readonly done: () => Promise<void>
}

const nothing = async (): Promise<void> => undefined

const fileOutcomes = async (kind: string, index: number, persistence: FilePersistence, fresh: () => unknown): Promise<readonly Outcome[]> => {
  const returned = fresh()
  const bytes = await gathered(persistence, returned)
  const settled = persistence.settle?.(returned)
  if (!bytes.equals(await gathered(persistence, fresh()))) throw new Error(`${kind}: value ${index} gives other bytes the second time; artifacts would not compare`)
  if (persistence.beside !== undefined && !isDeepStrictEqual(await persistence.beside(fresh()), await persistence.beside(fresh()))) throw new Error(`${kind}: what is kept beside value ${index} is other bytes the second time`)
  const source = sourceOver(bytes)
  return [
    { how: 'loaded', value: await persistence.decode(source), done: nothing },
    { how: 'loaded again from the same source', value: await persistence.decode(source), done: nothing },
    ...(settled === undefined ? [] : [{ how: 'settled', value: settled.value, done: nothing }]),
  ]
}

const gathered = async (persistence: FilePersistence, value: unknown): Promise<Buffer> => {
  const bytes: Bytes = await persistence.encode(value)
  const pieces: Uint8Array[] = []
  for await (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) pieces.push(Uint8Array.from(piece))
  return Buffer.concat(pieces)
}

/** Memory of its own for each read, and chunks of a size that fits nothing. */
const sourceOver = (bytes: Uint8Array): ArtifactSource => ({
  size: bytes.length,
  bytes: async () => Uint8Array.from(bytes),
  slice: async (from, to) => Uint8Array.from(bytes.subarray(from, to)),
  stream: async function* () {
    for (let at = 0; at < bytes.length; at += 1021) yield Uint8Array.from(bytes.subarray(at, at + 1021))
  },
})

const folderOutcome = async (persistence: FolderPersistence, fresh: () => unknown): Promise<Outcome> => {
  const folder = await mkdtemp(join(tmpdir(), 'taskchain-format-'))
  const done = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await persistence.write(fresh(), folder)
    return { how: 'loaded', value: await persistence.read(folder), done }
  } catch (cause) {
    await done()
    throw cause
  }
}
