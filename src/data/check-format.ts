import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { ArtifactSource, Bytes, FilePersistence, FolderPersistence, Format } from '../declare/format.js'

/** Test cases for a format. */
export interface FormatCases<Value, Returned> {
  /**
   * Values as `run` may return them; extremes are best: empty, large, with every kind of content. Pass a function if
   * each use needs a fresh value (a generator).
   */
  readonly values: readonly (Returned | (() => Returned))[]
  /** Values that must be refused with `FormatProblem`. */
  readonly refused?: readonly unknown[]
  /**
   * Converts what readers receive into something comparable: `(lines) => lines.toArray()`. Default: the value itself.
   */
  readonly plain?: (value: Value) => unknown
  /** The expected result of `plain` for a returned value. Default: the returned value itself. */
  readonly expected?: (returned: Returned) => unknown
}

/**
 * Checks a custom format against the guarantees the library relies on; rejects with a message for the first one it
 * breaks: values survive a round trip; equal values give equal bytes; a source can be read twice, in chunks of any
 * size; a settled value equals what loading gives; values that cannot be stored are refused with `FormatProblem`. A
 * folder is written twice, to compare the files, and read again from another path, as a store moves what it commits.
 *
 * @example
 * await checkFormat(json(t.number), { values: [0, -1.5], refused: [undefined, 'a'] })
 */
export const checkFormat = async <Value, Returned>(
  format: Format<Value, Returned, any>,
  cases: FormatCases<Value, Returned>,
): Promise<void> => {
  const { persistence, kind } = format
  if (persistence.storage === 'memory') return
  for (const [index, value] of cases.values.entries()) {
    const fresh = (): Returned => (typeof value === 'function' ? (value as () => Returned)() : value)
    const outcomes =
      persistence.storage === 'file'
        ? await fileOutcomes(kind, index, persistence, fresh)
        : folderOutcomes(kind, index, persistence, fresh)
    for await (const { how, value: read } of outcomes) {
      const plain = await (cases.plain ?? ((given: Value): unknown => given))(read as Value)
      const expected = await (cases.expected ?? ((given: Returned): unknown => given))(fresh())
      if (!isDeepStrictEqual(plain, expected)) throw new Error(`${kind}: value ${index} does not come back (${how})`)
    }
  }
  for (const [index, value] of (cases.refused ?? []).entries()) {
    const refusal = await (persistence.storage === 'file'
      ? gathered(persistence, value)
      : inFolder((folder) => persistence.write(value, folder))
    ).then(
      () => undefined,
      (cause: unknown) => ({ cause }),
    )
    if (refusal === undefined) throw new Error(`${kind}: refused value ${index} was kept`)
    const { cause } = refusal
    if (!(cause instanceof Error) || cause.name !== 'FormatProblem')
      throw new Error(`${kind}: refused value ${index} threw something else than FormatProblem: ${String(cause)}`, {
        cause,
      })
  }
}

interface Outcome {
  readonly how: string
  readonly value: unknown
}

const fileOutcomes = async (
  kind: string,
  index: number,
  persistence: FilePersistence,
  fresh: () => unknown,
): Promise<readonly Outcome[]> => {
  const returned = fresh()
  const bytes = await gathered(persistence, returned)
  const settled = persistence.settle?.(returned)
  const isSame =
    persistence.digest === undefined
      ? bytes.equals(await gathered(persistence, fresh()))
      : (await persistence.digest(fresh())) === (await persistence.digest(fresh()))
  if (!isSame)
    throw new Error(
      `${kind}: value ${index} gives other bytes the second time; artifacts would not compare, and what reads them ` +
        'would count as stale: write equal bytes, or declare a digest',
    )
  if (
    persistence.beside !== undefined &&
    !isDeepStrictEqual(await persistence.beside(fresh()), await persistence.beside(fresh()))
  )
    throw new Error(`${kind}: what is kept beside value ${index} has other bytes the second time`)
  const source = sourceOver(bytes)
  return [
    { how: 'loaded', value: await persistence.decode(source) },
    { how: 'loaded again from the same source', value: await persistence.decode(source) },
    ...(settled === undefined ? [] : [{ how: 'settled', value: settled.value }]),
  ]
}

const gathered = async (persistence: FilePersistence, value: unknown): Promise<Buffer> => {
  const bytes: Bytes = await persistence.encode(value)
  const pieces: Uint8Array[] = []
  for await (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) pieces.push(Uint8Array.from(piece))
  return Buffer.concat(pieces)
}

/** Separate memory for each read, and chunks of an awkward size. */
const sourceOver = (bytes: Uint8Array): ArtifactSource => ({
  size: bytes.length,
  bytes: async () => Uint8Array.from(bytes),
  slice: async (from, to) => Uint8Array.from(bytes.subarray(from, to)),
  stream: async function* () {
    for (let at = 0; at < bytes.length; at += 1021) yield Uint8Array.from(bytes.subarray(at, at + 1021))
  },
})

/** Each value is inspected before its folder is removed: it may read lazily. */
async function* folderOutcomes(
  kind: string,
  index: number,
  persistence: FolderPersistence,
  fresh: () => unknown,
): AsyncGenerator<Outcome, void> {
  const parent = await mkdtemp(join(tmpdir(), 'taskchain-format-'))
  try {
    const [first, second, moved] = [join(parent, 'first'), join(parent, 'second'), join(parent, 'moved')] as const
    for (const folder of [first, second]) {
      await mkdir(folder)
      await persistence.write(fresh(), folder)
    }
    const differing =
      persistence.digest === undefined
        ? differingFile(await contentsOf(first), await contentsOf(second))
        : (await persistence.digest(first)) === (await persistence.digest(second))
          ? undefined
          : 'digest'
    yield { how: 'loaded', value: await persistence.read(first) }
    if (differing !== undefined)
      throw new Error(`${kind}: value ${index} gives another ${differing} the second time; artifacts would not compare`)
    await rename(second, moved)
    yield { how: 'loaded from another path than it was written to', value: await persistence.read(moved) }
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
}

/** Runs work in a temporary folder. */
const inFolder = async (work: (folder: string) => unknown): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'taskchain-format-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Files in a folder by relative path; folders have no content. */
const contentsOf = async (folder: string): Promise<ReadonlyMap<string, Buffer | undefined>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const contents = entries.map(async (entry): Promise<[string, Buffer | undefined]> => {
    const path = join(entry.parentPath, entry.name)
    return [relative(folder, path), entry.isFile() ? await readFile(path) : undefined]
  })
  return new Map(await Promise.all(contents))
}

const differingFile = (
  first: ReadonlyMap<string, Buffer | undefined>,
  second: ReadonlyMap<string, Buffer | undefined>,
): string | undefined =>
  [...new Set([...first.keys(), ...second.keys()])]
    .toSorted()
    .find((path) => !first.has(path) || !second.has(path) || !isDeepStrictEqual(first.get(path), second.get(path)))
