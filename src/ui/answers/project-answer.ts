import { constants } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { basename, isAbsolute } from 'node:path'
import { messageOf } from '../../base/thrown.js'
import { fieldOf } from '../../base/records.js'
import { checkConfigs } from '../../inspect/check-configs.js'
import { indexProject } from '../../plan/names/project-index.js'
import { problemsOf, type Problem } from '../../inspect/check-problems.js'
import { setValues } from '../../inspect/set-values.js'
import { historyOf } from '../../adapters/history/open-history.js'
import { stateOfRun } from '../../adapters/history/run-record.js'
import { isS3Address } from '../../adapters/object-store/s3/s3-address.js'
import { originOfConfig } from '../../adapters/project/find-config.js'
import type { ConfigRow, OverviewAnswer, ProblemRow, ProjectAnswer, StoreState, Trouble } from '../contract.js'
import { countsOf } from './chain-answer.js'
import { originIn } from '../reader/origin-in.js'
import type { Reader } from '../reader/reader.js'
import { placeInFile } from '../reader/trouble.js'

export const projectAnswer = async (reader: Reader): Promise<Omit<ProjectAnswer, 'generation'>> => {
  const { loaded, store, options } = reader
  const address = options.store ?? loaded.project.store
  return {
    schema: 1,
    name: basename(loaded.root),
    version: options.version,
    root: loaded.root,
    store: { ...(await storeState(store.location)), ...(isS3Address(address) ? { address } : {}) },
    configs: await reader.configs(),
    groups: reader.groups,
    context: options.context,
    set: shownSet(reader),
    configsFolder: loaded.project.configs,
    actions: options.actions,
    trouble: [],
  }
}

/** Values of `--set`, unless the project has secrets: only a plan knows which values belong to them. */
const shownSet = ({ loaded, options }: Reader): readonly string[] => {
  const params = Array.from(indexProject(loaded.project).entries.values(), (entry) => entry.params).flat()
  const hidden = params.some(({ declared }) => declared.secret)
  return options.set.map((given) => (hidden ? `${given.split('=', 1)[0] ?? ''}=(hidden)` : given))
}

/** The state of a store, without opening anything in it. Sends no request to a bucket. */
export const storeState = async (location: string): Promise<StoreState> => {
  if (!isAbsolute(location)) return { location, state: 'usable' }
  try {
    if (!(await stat(location)).isDirectory()) return unusable(location, `${location} is not a folder`)
    if ((await readdir(location)).length === 0) return { location, state: 'empty' }
  } catch (cause) {
    return fieldOf(cause, 'code') === 'ENOENT'
      ? { location, state: 'empty' }
      : unusable(location, `${location} cannot be read: ${messageOf(cause)}`)
  }
  const isWritable = await access(location, constants.W_OK).then(
    () => true,
    () => false,
  )
  return { location, state: isWritable ? 'usable' : 'readonly' }
}

const unusable = (location: string, message: string): StoreState => ({
  location,
  state: 'unusable',
  trouble: { tag: 'StoreUnusable', message, hint: 'no results can be shown until it is back' },
})

/** Milliseconds to wait for states; a tree of a thousand configs is shown without them. */
const patience = 8000

export const overviewAnswer = async (reader: Reader): Promise<OverviewAnswer> => {
  const { loaded, options } = reader
  const { root, project } = loaded
  const checked = await checkConfigs(loaded, await reader.configs(), {
    contexts: options.context.map((name) =>
      originOfConfig(name, { root, configs: project.configs, workingFolder: options.folder }),
    ),
    set: setValues(options.set),
    ...(options.store === undefined ? {} : { store: options.store }),
  })
  const latest = await latestRuns(reader)
  const began = performance.now()
  const configs: ConfigRow[] = []
  for (const one of checked) {
    const states =
      one.outcome === 'fine' && performance.now() - began < patience
        ? await statesOf(reader, one.config).catch(() => undefined)
        : undefined
    const lastRun = latest.get(one.config)
    configs.push({
      config: one.config,
      outcome: one.outcome,
      nodes: one.nodes,
      ...(states === undefined ? {} : { states }),
      errors: one.outcome === 'wrong' ? one.errors.length : 0,
      warnings: one.warnings.length,
      ...(one.usedBy === undefined ? {} : { usedBy: one.usedBy }),
      ...(lastRun === undefined ? {} : { lastRun }),
    })
  }
  return { schema: 1, configs, problems: problemsOf(checked).map(problemRow) }
}

const statesOf = async (reader: Reader, config: string) =>
  countsOf((await (await reader.chain(config)).states()).values())

const maxPlaces = 100

const problemRow = (problem: Problem): ProblemRow => ({
  ...troubleIn(problem),
  severity: problem.severity,
  tasks: problem.tasks,
  configs: problem.configs,
  places: problem.places.slice(0, maxPlaces).map(troubleIn),
  placesInAll: problem.places.length,
})

const troubleIn = ({ code, message, hint, place }: Pick<Problem, 'code' | 'message' | 'hint' | 'place'>): Trouble => ({
  tag: code,
  message,
  ...(hint === undefined ? {} : { hint }),
  ...(place === undefined ? {} : { place: placeInFile(place) }),
})

/** Limit on records searched for the latest run of each config. */
const maxRecords = 200

const latestRuns = async ({
  store,
  loaded,
}: Reader): Promise<ReadonlyMap<string, NonNullable<ConfigRow['lastRun']>>> => {
  const history = historyOf(store)
  const found = new Map<string, NonNullable<ConfigRow['lastRun']>>()
  const ids = ((await history?.ids()) ?? []).slice(0, maxRecords)
  for (const record of (await history?.readAll(ids)) ?? []) {
    if (record === undefined) continue
    const config = originIn(loaded.root, loaded.project.configs, record.config)
    if (!found.has(config)) found.set(config, { id: record.id, state: stateOfRun(record), started: record.started })
  }
  return found
}
