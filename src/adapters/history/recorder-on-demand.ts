import type { RunEvent } from '../../runtime/ports/events.js'
import type { RecordedRun, Recording, RunRecorder } from '../../runtime/ports/run-history.js'

/**
 * A recorder that is loaded by the first run with something to record: most runs find every result and leave no record.
 * `load` never rejects; undefined if nothing can be recorded.
 */
export const recorderOnDemand = (load: () => Promise<RunRecorder | undefined>): RunRecorder => ({
  begin: (run) => recordingOnDemand(run, load),
})

const recordingOnDemand = (run: RecordedRun, load: () => Promise<RunRecorder | undefined>): Recording => {
  const isKept = keptIn(run)
  const before: RunEvent[] = []
  let loading: Promise<Recording | undefined> | undefined
  let loaded: Recording | undefined
  const begin = async (): Promise<Recording | undefined> => {
    const recording = (await load())?.begin(run)
    for (const event of before.splice(0)) recording?.listener(event)
    return (loaded = recording)
  }
  return {
    listener: (event) => {
      if (loaded !== undefined) return loaded.listener(event)
      before.push(event)
      if (before.length > maxBefore || isWork(event, isKept)) loading ??= begin()
    },
    end: async (report) => {
      if (report.failed.length > 0) loading ??= begin()
      await (await loading)?.end(report)
    },
  }
}

/** Events kept before something is known to be recorded; in-memory tasks may emit any number of them. */
export const maxBefore = 1000

/** Whether a key is that of a result that a run stores. */
export const keptIn = ({ nodes }: RecordedRun): ((key: string) => boolean) => {
  let keys: ReadonlySet<string> | undefined
  return (key) => (keys ??= new Set(nodes.flatMap((node) => (node.storage === 'memory' ? [] : [node.key])))).has(key)
}

/** Whether an event means that something has to be stored. */
export const isWork = (event: RunEvent, isKept: (key: string) => boolean): boolean => {
  switch (event._tag) {
    case 'planned':
      return event.toRun.length > (event.inMemory?.length ?? 0)
    case 'started':
    case 'adopted':
    case 'waiting':
      return isKept(event.key)
    default:
      return false
  }
}
