import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { isRecord } from '../../../base/records.js'

/**
 * Content of one commit: the run info, and the location of its data. It comes from outside and is validated on reading.
 */

const Digest = t.refinement(t.string, (text) => /^[0-9a-f]{64}$/.test(text), 'a digest')
const Size = t.refinement(t.number, (size) => Number.isSafeInteger(size) && size >= 0, 'a size')

/** Data in a separate object, or in the commit itself. */
const Part = t.intersection([t.type({ size: Size, digest: Digest }), t.partial({ inline: t.string })])
export type Part = t.TypeOf<typeof Part>

const Manifest = t.intersection([
  t.type({
    schema: t.literal(1),
    folder: t.string,
    key: t.string,
    generation: Size,
    /** Unique per commit: distinguishes a repeated put from that of another process. */
    id: t.string,
    /** Number and holder of its lease; 0 without a lease. */
    fence: t.type({ token: Size, holder: t.string }),
    runInfo: t.string,
  }),
  t.partial({
    /** In the format of a folder's catalog. */
    facts: t.string,
    /** `pack`: the files of a folder, one after the other. */
    data: t.intersection([Part, t.type({ kind: t.union([t.literal('file'), t.literal('pack')]) })]),
    /** Size of the folder's files. */
    folderSize: Size,
    beside: t.record(t.string, Part),
  }),
])
export type Manifest = t.TypeOf<typeof Manifest>

/** Why a text is not a valid commit. */
export type ManifestProblem = 'damaged' | 'newer'

export const manifestText = (manifest: Manifest): string => JSON.stringify(manifest)

/** Parses a commit. `newer`: a later version of this library wrote it. */
export const manifestIn = (text: string): E.Either<ManifestProblem, Manifest> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return E.left('damaged')
  }
  if (isRecord(value) && typeof value['schema'] === 'number' && value['schema'] > 1) return E.left('newer')
  return Manifest.is(value) ? E.right(value) : E.left('damaged')
}

/** Data up to this size is part of its commit, which saves a request. */
export const inlineLimit = 64 * 1024
