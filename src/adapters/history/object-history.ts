import type { RunFiles } from '../../runtime/ports/run-history.js'
import { allOf } from '../object-store/all-of.js'
import type { RunHistory } from './run-history.js'
import { liveRuns } from './live-runs.js'
import { planIn } from './run-plan.js'
import { idForm, maxRecordBytes, planName, recordInText, recordText, stateOfRun, type RunRecord } from './run-record.js'
import { usageInEvents } from './used-by-items.js'

/**
 * The history of an object store: `runs/<id>.json`, `pins/<id>`, `plans/<name>.gz`, and `events/<id>/<part>` while a
 * run is in progress. Records of ended runs do not change and are read once.
 */
export const objectHistory = (files: RunFiles): RunHistory => {
  const ended = endedIn.get(files) ?? new Map<string, RunRecord>()
  endedIn.set(files, ended)
  const live = liveRuns(files)
  const named = async (prefix: string, ending: string): Promise<readonly string[]> =>
    (await files.list(prefix)).flatMap((name) =>
      name.startsWith(prefix) && name.endsWith(ending) ? [name.slice(prefix.length, name.length - ending.length)] : [],
    )
  const stored = async (id: string): Promise<RunRecord | undefined> => {
    const bytes = await files.read(recordName(id), maxRecordBytes)
    if (bytes === undefined || bytes.length > maxRecordBytes) return undefined
    const record = recordInText(Buffer.from(bytes).toString('utf8'))
    return record?.id === id ? record : undefined
  }
  const read = async (id: string): Promise<RunRecord | undefined> => {
    const known = ended.get(id)
    if (known !== undefined) return known
    const first = await stored(id)
    const hasDied = first !== undefined && first.ended === undefined && stateOfRun(first) === 'died'
    const record = hasDied ? await stored(id) : first // it may have ended after it was read, and then exited
    if (record === undefined) return undefined
    if (hasDied && record.ended === undefined) return withUsage(record)
    if (record.ended !== undefined && Date.now() - Date.parse(record.ended) > moment) ended.set(id, record)
    return record
  }
  /** A killed run has recorded no usage; the events that it has left tell what its items had used. */
  const withUsage = async (record: RunRecord): Promise<RunRecord> => {
    const usage = usageInEvents(await live.latest(record.id))
    const known = Object.keys(usage).length === 0 ? record : { ...record, usage }
    ended.set(record.id, known)
    return known
  }
  return {
    live,
    ids: async () =>
      (await named('runs/', '.json'))
        .filter((id) => idForm.test(id))
        .toSorted()
        .toReversed(),
    readAll: async (ids) => {
      const found = new Map<string, RunRecord | undefined>()
      await allOf(ids, atOnce, async (id) => found.set(id, await read(id)))
      return ids.map((id) => found.get(id))
    },
    write: async (record) => {
      ended.delete(record.id)
      await files.write(recordName(record.id), Buffer.from(recordText(record)))
    },
    keepPlan: async ({ name, bytes }) => {
      if (!(await files.list(planFile(name))).includes(planFile(name))) await files.write(planFile(name), bytes())
    },
    plan: async (name) => {
      const bytes = await files.read(planFile(name))
      return bytes === undefined ? undefined : planIn(name, bytes)
    },
    planBytes: (name) => files.read(planFile(name)),
    planNames: async () => (await named('plans/', '.gz')).filter((name) => planName.test(name)),
    remove: async (id) => {
      ended.delete(id)
      await live.remove(id)
      await files.remove(recordName(id))
    },
    removePlan: (name) => files.remove(planFile(name)),
    pins: async () => new Set((await named('pins/', '')).filter((id) => idForm.test(id))),
    pin: async (id, pinned) => {
      if (!idForm.test(id)) throw new RangeError(`not the id of a run: ${id}`)
      await (pinned ? files.write(`pins/${id}`, new Uint8Array()) : files.remove(`pins/${id}`))
    },
  }
}

const endedIn = new WeakMap<RunFiles, Map<string, RunRecord>>()
const atOnce = 16
/** Milliseconds after its end during which a record may be rewritten: git may answer late. */
const moment = 60_000

const recordName = (id: string): string => {
  if (!idForm.test(id)) throw new RangeError(`not the id of a run: ${id}`)
  return `runs/${id}.json`
}
const planFile = (name: string): string => `plans/${name}.gz`
