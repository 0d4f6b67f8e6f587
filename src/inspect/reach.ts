import { readdir, realpath, stat } from 'node:fs/promises'
import { posix, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { fileSource } from '../adapters/project/config-files.js'
import { configMemory } from '../adapters/project/config-memory.js'
import { originOfConfig } from '../adapters/project/find-config.js'
import { gitSource } from '../adapters/project/git-source.js'
import type { LoadedProject } from '../adapters/project/project-file.js'
import { parseDocument } from '../config/document.js'
import type { AnyError, PlanError, UsageError } from '../errors.js'
import { badOption } from '../explain.js'
import { readWholeConfig } from '../planner/plan-config.js'
import { addressOf } from '../plan/names/artifact-address.js'
import { indexProject } from '../plan/names/project-index.js'
import { reachableOf, type Reachable } from '../plan/reachable-keys.js'
import { combinationsOf } from '../plan/sweep/combinations.js'
import type { ConfigSource } from '../runtime/ports/config-source.js'
import type { Store } from '../runtime/ports/store.js'
import { checkConfigs } from './check-configs.js'
import type { Pin } from './pins.js'
import { formersIn } from './unneeded-names.js'
import { combineSweeps, parseSweepFile } from './sweep-request.js'

/** What else is reachable, besides what the configs plan as they are. */
export interface ReachOptions {
  /** Each context overrides every config, alone and all together, in addition to the config on its own. */
  readonly contexts: readonly string[]
  /** Values that override every config, in addition to what it plans without them. */
  readonly set: Readonly<Record<string, unknown>>
  /** Git revisions whose configs are included. */
  readonly revisions: readonly string[]
  readonly pins: readonly Pin[]
  /** The store that caches digests of files. */
  readonly store: Store
}

/** What a project reaches in its store. */
export interface Reach {
  readonly reachable: Pick<Reachable, 'has'>
  /** Whether a folder belongs to a current task of the project; other tasks were removed or renamed. */
  readonly hasFolder: (folder: string) => boolean
  readonly configs: number
  readonly plans: number
  /**
   * Errors of configs that cannot be planned, with their git revision if it is not the current one: as long as there
   * are any, nothing may be collected.
   */
  readonly broken: readonly { readonly revision: string | undefined; readonly errors: readonly AnyError[] }[]
}

/**
 * Plans every config of a project in every way that counts, and every pin. Reads files, runs nothing. Rejects if the
 * folder of configs or a revision cannot be read.
 *
 * @example
 * const loaded = await loadProject(process.cwd())
 * const store = fileStore('data/tasks')
 * const { reachable, broken } = await reachOf(loaded, { contexts: [], set: {}, revisions: [], pins: [], store })
 * broken.length // => 1
 */
export const reachOf = async (loaded: LoadedProject, options: ReachOptions): Promise<Reach> => {
  const gathered: Gathered = { loaded, options, reachable: reachableOf(), broken: [], configs: 0, plans: 0 }
  await addRevision(gathered, undefined)
  for (const revision of options.revisions) await addRevision(gathered, revision)
  for (const pin of options.pins) if (pin._tag === 'Chain') await addPin(gathered, pin)
  const keys = new Set(options.pins.flatMap((pin) => (pin._tag === 'Key' ? [pin.key] : [])))
  const folders = new Set(options.pins.flatMap((pin) => (pin._tag === 'Task' ? [pin.folder] : [])))
  const { reachable, configs, plans, broken } = gathered
  return {
    configs,
    plans,
    broken,
    reachable: { has: (folder, key) => keys.has(key) || folders.has(folder) || reachable.has(folder, key) },
    hasFolder: reachable.hasFolder,
  }
}

/** What one look at a project has found so far. Plans are not kept: there may be many thousands. */
interface Gathered {
  readonly loaded: LoadedProject
  readonly options: ReachOptions
  readonly reachable: Reachable
  readonly broken: Reach['broken'][number][]
  configs: number
  plans: number
}

type Sets = readonly Readonly<Record<string, unknown>>[]

/** Adds what a config plans under contexts, once for each set of values; returns the errors of failed plans. */
const planAll = async (
  gathered: Gathered,
  config: string,
  source: ConfigSource,
  contexts: readonly string[],
  sets: Sets,
): Promise<readonly PlanError[]> => {
  const { loaded, options, reachable } = gathered
  const read = await readWholeConfig(loaded.project, {
    config,
    context: contexts,
    root: loaded.root,
    source,
    store: options.store,
    variables: false,
  })
  if (E.isLeft(read)) return read.left
  const errors: PlanError[] = []
  for (const set of sets) {
    const { planned } = await read.right.plan({ set })
    if (E.isLeft(planned)) for (const one of planned.left) errors.push(one)
    else {
      reachable.add(planned.right)
      for (const { was } of await formersIn(indexProject(loaded.project), options.store, planned.right))
        reachable.addOne(addressOf(was))
      gathered.plans++
    }
  }
  return errors
}

/** All configs, current or at a revision, under every context that counts. */
const addRevision = async (gathered: Gathered, revision: string | undefined): Promise<void> => {
  const { root, project } = gathered.loaded
  const { contexts: wanted, set } = gathered.options
  const from = revision === undefined ? undefined : await gitSource(root, revision)
  const { source } = configMemory(from ?? fileSource(root))
  const origins = from === undefined ? await configsBelow(root, project.configs) : await source.list(project.configs)
  const known = wanted.filter(
    (context) => from === undefined || from.has(originOfConfig(context, { root, configs: project.configs })),
  )
  const sets = Object.keys(set).length === 0 ? [{}] : [{}, set]
  for (const contexts of variantsOf(known)) {
    const failed: { config: string; errors: readonly PlanError[] }[] = []
    for (const origin of origins)
      for (const config of await entriesOf(source, origin)) {
        if (contexts.length === 0) gathered.configs++
        const errors = await planAll(gathered, `${resolve(root, config.origin)}${config.part}`, source, contexts, sets)
        if (errors.length > 0) failed.push({ config: `${config.origin}${config.part}`, errors })
      }
    if (failed.length === 0) continue
    const harmless = await harmlessOnes(gathered.loaded, origins, source, contexts)
    for (const { config, errors } of failed) if (!harmless.has(config)) gathered.broken.push({ revision, errors })
  }
}

const addPin = async (gathered: Gathered, pin: Pin & { readonly _tag: 'Chain' }): Promise<void> => {
  const { root } = gathered.loaded
  const sets = await setsOf(pin, root)
  const errors: readonly AnyError[] = E.isLeft(sets)
    ? sets.left
    : await planAll(gathered, pin.config, fileSource(root), pin.contexts, sets.right)
  if (errors.length > 0) gathered.broken.push({ revision: undefined, errors })
}

/**
 * All configs below a folder, following links; unlike a listing for suggestions it is unlimited, and rejects if
 * anything cannot be read.
 */
const configsBelow = async (root: string, folder: string): Promise<readonly string[]> => {
  const found: string[] = []
  const seen = new Set<string>()
  const waiting = [folder]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const real = await realpath(resolve(root, next))
    if (seen.has(real)) continue
    seen.add(real)
    for (const entry of await readdir(real, { withFileTypes: true })) {
      const origin = posix.join(next, entry.name)
      const kind = entry.isSymbolicLink() ? await stat(resolve(root, origin)) : entry
      if (kind.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) waiting.push(origin)
      else if (kind.isFile() && /\.(?:ya?ml|json)$/i.test(entry.name)) found.push(origin)
    }
  }
  return found.sort()
}

/** No context, each alone, and all together in order. */
const variantsOf = (contexts: readonly string[]): readonly (readonly string[])[] => [
  [],
  ...contexts.map((context) => [context]),
  ...(contexts.length > 1 ? [contexts] : []),
]

/** A file, and those of its parts that are requested by name. */
const entriesOf = async (
  source: ConfigSource,
  origin: string,
): Promise<readonly { readonly origin: string; readonly part: string }[]> => {
  const whole = { origin, part: '' }
  const text = await source.read(origin).catch(() => undefined) // reported when it is planned
  const parsed = text === undefined ? undefined : parseDocument(origin, text)
  if (parsed === undefined || E.isLeft(parsed) || parsed.right.parts.size < 2) return [whole]
  const { mainPart, parts } = parsed.right
  return [
    ...(mainPart === undefined ? [] : [whole]),
    ...[...parts.keys()].filter((part) => part !== mainPart).map((part) => ({ origin, part: `#${part}` })),
  ]
}

/**
 * Configs without tasks, or without what those that use them provide: not wrong, although they cannot be planned alone.
 */
const harmlessOnes = async (
  loaded: LoadedProject,
  origins: readonly string[],
  source: ConfigSource,
  contexts: readonly string[],
): Promise<ReadonlySet<string>> => {
  const places = { root: loaded.root, configs: loaded.project.configs }
  const checked = await checkConfigs(loaded, origins, {
    source,
    set: {},
    contexts: contexts.map((context) => originOfConfig(context, places)),
  })
  return new Set(
    checked.flatMap(({ config, outcome }) => (outcome === 'partial' || outcome === 'values' ? [config] : [])),
  )
}

const setsOf = async (
  { set, sweep, sweepFile: file }: Pin & { readonly _tag: 'Chain' },
  root: string,
): Promise<E.Either<readonly UsageError[], Sets>> => {
  if (sweep === undefined) return E.right([set])
  const text =
    file === undefined
      ? undefined
      : await fileSource(root)
          .read(file)
          .catch(() => undefined)
  if (file !== undefined && text === undefined)
    throw badOption(`--sweep ${file}`, 'there is no such file that can be read')
  const spec = file === undefined || text === undefined ? sweep : combineSweeps(parseSweepFile(file, text), sweep)
  return combinationsOf(spec.axes, spec.zip)
}
