import { isList, isRecord } from '../../base/records.js'
import type { ProjectAnswer, Trouble } from '../contract.js'
import { json, type Answered } from '../reader/answered.js'
import type { ReaderThread } from '../reader/reader-thread.js'
import type { LiveEvents } from './live-events.js'
import { projectStamp, type ProjectStamp } from './project-stamp.js'

/** Detects changes of the project: checked before questions, and while pages are open. */
export interface ProjectWatch {
  /** How often it has been read. */
  readonly generation: () => number
  /** Where the project and its store are, once it has been loaded. */
  readonly located: Promise<Located>
  /** Checks the files, unless that was done a moment ago; reads changed ones again. */
  look(): Promise<void>
  /** The project, or why it cannot be read: an answer in either case. */
  answer(): Promise<Answered>
  close(): void
}

const pauseMilliseconds = 500
const betweenMilliseconds = 1000

export const projectWatch = ({
  answers,
  previews,
  live,
}: {
  readonly answers: ReaderThread
  readonly previews: ReaderThread
  readonly live: Pick<LiveEvents, 'changed'>
}): ProjectWatch => {
  let generation = 1
  let known: Located | undefined
  let stamp: ProjectStamp | undefined
  let looked = -Infinity
  let looking: Promise<void> | undefined
  let isBroken = false
  const locate = deferred<Located>()
  const renewed = (isCode: boolean): void => {
    generation++
    for (const thread of [answers, previews])
      if (isCode) thread.renew()
      else thread.forget('configs')
    live.changed('project')
  }
  const compare = async (): Promise<void> => {
    if (known === undefined) return
    const now = await projectStamp(known.root, known.store)
    const before = stamp
    stamp = now
    looked = performance.now()
    if (before !== undefined && before.store !== now.store) live.changed('store')
    if (before === undefined || (before.code === now.code && before.configs === now.configs)) return
    renewed(before.code !== now.code || isBroken)
  }
  const look = (): Promise<void> => {
    if (performance.now() - looked < pauseMilliseconds) return Promise.resolve()
    return (looking ??= compare().finally(() => (looking = undefined)))
  }
  const answer = async (): Promise<Answered> => {
    await look()
    const answered = await answers.question('project', '')
    const value: unknown = JSON.parse(Buffer.from(answered.body).toString('utf8'))
    isBroken = answered.status !== 200
    if (isBroken) return json(200, withoutProject(value, generation, known))
    const found = value as ProjectAnswer // made by `projectAnswer`
    if (known === undefined) {
      const { location, address } = found.store
      known = { root: found.root, configs: found.configsFolder, store: location, address }
      locate.resolve(known)
      await look()
    }
    return json(200, { ...found, generation })
  }
  const timer = setInterval(() => void look(), betweenMilliseconds)
  timer.unref()
  return {
    generation: () => generation,
    located: locate.promise,
    look: async () => (known === undefined ? void (await answer()) : look()),
    answer,
    close: () => clearInterval(timer),
  }
}

/** The paths of a project: its root, its folder of configs, its store. */
export interface Located {
  readonly root: string
  readonly configs: string
  readonly store: string
  /** Opens a store that is not a folder. */
  readonly address: string | undefined
}

const deferred = <A>() => {
  let resolve: (value: A) => void = () => undefined
  const promise = new Promise<A>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

/** The answer for a project that cannot be read, with the reason. */
const withoutProject = (failure: unknown, generation: number, known: Located | undefined): ProjectAnswer => ({
  schema: 1,
  name: '',
  version: '',
  root: known?.root ?? '',
  store: { location: known?.store ?? '', state: 'usable' },
  configs: [],
  configsFolder: '',
  groups: [],
  context: [],
  set: [],
  generation,
  actions: false,
  trouble: troublesIn(failure),
})

const troublesIn = (failure: unknown): readonly Trouble[] =>
  isRecord(failure) && isList(failure['errors']) ? (failure['errors'] as readonly Trouble[]) : [] // a `Failure`
