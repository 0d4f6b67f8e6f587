import { openArtifact } from '../run-info/hit-or-miss.js'
import { quickData } from '../run-info/run-info.js'
import { formatOf } from '../../declare/json/json.js'
import { FormatProblem, type ArtifactSource, type FilePersistence, type Persistence } from '../../declare/format.js'
import type { Awaitable } from '../../declare/types.js'
import type { Task } from '../../declare/task.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import type { Address } from '../ports/artifact.js'
import { isDamagedArtifact, isFormatProblem, unreadable } from './node-failures.js'
import { openReading } from './reading.js'
import { unknownContent } from '../session/content.js'
import type { Produced, Session, Emit } from '../session/session.js'
import { messageOf } from '../../base/thrown.js'

/**
 * Loads a node's value from the store. An artifact that is incomplete or that its codec refuses is a miss with its
 * reason (an error if the session says `noRepair`); so is one that `refuses` rejects by the text of its run info. Never
 * rejects.
 */
export const loadArtifact = async (
  session: Pick<Session, 'clock' | 'damaged' | 'memory' | 'noRepair' | 'store'>,
  node: NodeOutline,
  task: Task,
  emit: Emit,
  refuses: (runInfo: string) => Promise<boolean>,
): Promise<Produced> => {
  const address = addressOf(node)
  const began = session.clock.elapsed()
  const refuse = (reason: string, cause: unknown): Produced =>
    session.noRepair ? unreadable(session, node, cause ?? new Error(reason)) : { _tag: 'missed', reason }
  try {
    const found = await openArtifact(session.store, address)
    if ('_tag' in found) {
      const reason = found.detail === undefined ? found.reason : `${found.reason}: ${found.detail}`
      return found.reason === 'absent' || found.reason === 'stale' || found.reason === 'no data'
        ? { _tag: 'missed', reason }
        : refuse(reason, undefined)
    }
    if (await refuses(found.runInfo)) return { _tag: 'missed', reason: 'replaced by a result of other code' }
    const { persistence } = formatOf(task.declaration.data)
    if (persistence.storage === 'file') refuseOtherViews(persistence, found.runInfo)
    const reading = openReading(session, node, found.source)
    const data = quickData(found.runInfo)
    const isFragile = persistence.storage === 'checkpoint' && persistence.fragile === true
    if (isFragile) await found.examine?.()
    const isWhole = isFragile && data?.content !== undefined // earlier versions kept no checksum of a folder's contents
    const value = await valueOf(persistence, reading.source, found.directory, isWhole)
    reading.begin(found.runInfo)
    emit({ _tag: 'loaded', node: node.id, key: node.key, seconds: (session.clock.elapsed() - began) / 1000 })
    const content = data?.digest === undefined ? unknownContent : { digest: data.digest }
    return { _tag: 'loaded', value, reading, content }
  } catch (cause) {
    const problem = messageOf(cause)
    if (isDamagedArtifact(cause)) return refuse(`damaged: ${problem}`, cause)
    if (isFormatProblem(cause)) return refuse(`refused by its codec: ${problem}`, cause)
    return unreadable(session, node, cause)
  }
}

/** The run info and the digest of an artifact, if it is whole by name and size: its readers verify the bytes. */
export const findArtifact = async (
  store: Session['store'],
  address: Address,
): Promise<{ readonly runInfo: string; readonly digest: string | undefined } | undefined> => {
  const found = await openArtifact(store, address)
  return '_tag' in found ? undefined : { runInfo: found.runInfo, digest: quickData(found.runInfo)?.digest }
}

/** The value of a file or of a folder. */
const valueOf = (
  persistence: Persistence,
  source: ArtifactSource | undefined,
  directory: string | undefined,
  isWhole: boolean,
): Awaitable<unknown> => {
  if (source !== undefined && 'decode' in persistence) return persistence.decode(source)
  if (directory !== undefined && 'read' in persistence) return persistence.read(directory, isWhole)
  throw new FormatProblem(`not stored as its format declares: ${persistence.storage}`)
}

/**
 * Throws `FormatProblem` if the views stored next to the data were made in a different way than the format now
 * declares.
 */
const refuseOtherViews = ({ views }: FilePersistence, runInfo: string): void => {
  const kept = views === undefined ? undefined : quickData(runInfo)?.views
  if (kept !== undefined && kept !== views) throw new FormatProblem(`kept with ${kept}, declared with ${views}`)
}
