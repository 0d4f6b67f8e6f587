import type { AnyFormat, ArtifactSource, FilePersistence, FolderPersistence } from '../../declare/format.js'
import { readable } from '../../explain/readable.js'
import type { Saved } from '../ports/artifact.js'
import type { Staging } from '../ports/store.js'
import { failedEnd, givenUp, isOver, taskFailed, type Attempt, type AttemptEnd } from './attempt-end.js'
import { isFormatProblem, notSaved } from './node-failures.js'
import { bytesOf, IterationFailed } from './own-bytes.js'
import { openReading, type OpenReading } from './reading.js'
import { withGrace, type Ran } from './time-limit.js'
import type { Work } from './work.js'

/** Turns what `run` returned into staged bytes and into the value that readers get. */
export const stageResult = async (attempt: Attempt, returned: unknown): Promise<AttemptEnd> => {
  const { work, format, staging, notes } = attempt
  const { persistence } = format
  if (persistence.storage === 'memory' || staging === undefined)
    return { _tag: 'computed', value: returned, saved: undefined, staging: undefined, notes }
  try {
    const ran =
      persistence.storage === 'file'
        ? await stageFile(attempt, persistence, staging, returned)
        : await stageFolder(attempt, persistence, staging, returned)
    if (ran._tag === 'threw') throw ran.cause
    if (ran._tag === 'stopped' || isOver(attempt)) return givenUp(attempt)
    return { _tag: 'computed', ...(await warmValue(work, format, staging, returned)), saved: ran.value, staging, notes }
  } catch (thrown) {
    return isOver(attempt) ? givenUp(attempt) : refusedEnd(attempt, readable(thrown))
  }
}

const stageFile = async (
  { work, limit }: Attempt,
  persistence: FilePersistence,
  staging: Staging,
  returned: unknown,
): Promise<Ran<Saved>> => {
  const bytes = await persistence.encode(returned)
  const beside = await persistence.beside?.(returned)
  return withGrace(work.session, limit.signal, () => staging.write(bytesOf(bytes, limit.signal), beside))
}

const stageFolder = async (
  { work, limit }: Attempt,
  persistence: FolderPersistence,
  staging: Staging,
  returned: unknown,
): Promise<Ran<Saved>> => {
  await persistence.write(returned, staging.directory as string) // staged as a folder
  return withGrace(work.session, limit.signal, () => staging.measure())
}

/** Why a result was not staged: its format, the task's own generator, or the disk. */
const refusedEnd = (attempt: Attempt, cause: unknown): AttemptEnd => {
  const { session, node } = attempt.work
  if (isFormatProblem(cause)) {
    const { message, path, hint } = cause
    return failedEnd({ _tag: 'WrongResult', node: node.id, path, problem: message, hint })
  }
  if (cause instanceof IterationFailed) return taskFailed(attempt, cause.cause)
  return failedEnd(notSaved(session, node, cause).error)
}

/** Cold = warm: what loading would give. A file read lazily is decoded after the commit, from its final place. */
const warmValue = async (
  { session, node }: Work,
  { persistence }: AnyFormat,
  staging: Staging,
  returned: unknown,
): Promise<{ readonly value: unknown; readonly reading?: OpenReading }> => {
  // folders are read from their final place
  if (persistence.storage !== 'file') return { value: undefined, reading: openReading(session, node, undefined) }
  const settled = persistence.settle?.(returned)
  if (settled !== undefined) return { value: settled.value }
  const reading = openReading(session, node, staging.source())
  return { value: await persistence.decode(reading.source as ArtifactSource), reading }
}
