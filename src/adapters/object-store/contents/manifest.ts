import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { isRecord } from '../../../base/records.js'

/** What one commit says: the run info, and where its data is. It comes from outside and is checked when it is read. */

const Digest = t.refinement(t.string, (text) => /^[0-9a-f]{64}$/.test(text), 'a digest')
const Size = t.refinement(t.number, (size) => Number.isSafeInteger(size) && size >= 0, 'a size')

/** Bytes of an object of their own, or in the commit itself. */
const Part = t.intersection([t.type({ size: Size, digest: Digest }), t.partial({ inline: t.string })])
export type Part = t.TypeOf<typeof Part>

const Manifest = t.intersection([
  t.type({
    schema: t.literal(1),
    folder: t.string,
    key: t.string,
    generation: Size,
    /** Made once for each commit: tells a put that was tried twice from that of somebody else. */
    id: t.string,
    /** Number of the lease that it was made under, and whose; 0 where there was none. */
    fence: t.type({ token: Size, holder: t.string }),
    runInfo: t.string,
  }),
  t.partial({
    /** As the catalog of a folder has them. */
    facts: t.string,
    /** `pack`: the files of a folder, one after the other. */
    data: t.intersection([Part, t.type({ kind: t.union([t.literal('file'), t.literal('pack')]) })]),
    /** Size of the folder's files. */
    folderSize: Size,
    beside: t.record(t.string, Part),
  }),
])
export type Manifest = t.TypeOf<typeof Manifest>

/** Why a text is no commit that counts. */
export type ManifestProblem = 'damaged' | 'newer'

export const manifestText = (manifest: Manifest): string => JSON.stringify(manifest)

/** Reads a commit. `newer`: a later version of this library wrote it. */
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

/** Up to here data is part of its commit: one request instead of two. */
export const inlineLimit = 64 * 1024
