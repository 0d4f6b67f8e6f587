import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { historyOf } from '../../adapters/history/open-history.js'
import { recordIn } from '../../adapters/history/run-history.js'
import type { LoadedProject } from '../../adapters/project/project-file.js'
import { badOption, taskchainError } from '../../explain.js'
import {
  collectGarbage,
  removeDeadLeases,
  surveyGarbage,
  type Unreachable,
  type WalkableStore,
} from '../../runtime/upkeep/gc.js'
import { chooseVictims, type Limits } from '../../runtime/upkeep/gc-victims.js'
import { collectItems, unreachedItems, type CollectedItems, type UsedItems } from '../../runtime/items/kept-items.js'
import { print, printBeside, widthOf, textOption, listOption, type Call, type Command } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { explained, jsonDocument } from '../json-output.js'
import { parsePins, type Pin } from '../../inspect/pins.js'
import { reachOf, type Reach } from '../../inspect/reach.js'
import { asideLines, garbageLines, sumsOf } from '../render/render-gc.js'
import { droppedItemLines, isOfCalls } from '../render/items/item-text.js'
import { projectOf } from '../open-chain-of-call.js'
import { storeFor } from '../store-of-call.js'
import { setValues } from '../../inspect/set-values.js'
import { parseDays, parseSize } from '../size-option.js'
import { byteSize, counted } from '../render/units.js'
import { messageOf } from '../../base/thrown.js'

/** `gc`: lists what no config of the project reaches; `--yes` moves it to the store's trash, `--purge` empties that. */
export const gc: Command = async (call) => {
  if (call.options['yes'] === true && call.options['dryRun'] === true)
    throw badOption('--yes', 'cannot be combined with --dry-run')
  const limits = limitsOf(call)
  const loaded = await projectOf(call)
  const store = await storeFor(call, loaded)
  return call.options['purge'] === true ? purge(call, store) : collect(call, loaded, store, limits)
}

/** A label for what one call sets aside: `2026-11-22T22-40-10.123Z-4711`. */
export const labelNow = (): string => `${new Date().toISOString().replaceAll(':', '-')}-${process.pid}`

/** Reports why nothing seems to happen: a dead holder on another machine shows only by its missing heartbeats. */
export const reportWaiting =
  (call: Call) =>
  (leases: number): void =>
    printBeside(call, [
      `${counted(leases, 'lease')} held by processes elsewhere; checking for at most a minute whether these are alive`,
    ])

const collect = async (call: Call, loaded: LoadedProject, store: WalkableStore, limits: Limits) => {
  const { context, set, json } = call.common
  const reach = await reachOf(loaded, {
    contexts: context,
    set: setValues(set),
    revisions: listOption(call, 'revisions'),
    pins: [...(await pinsOf(call, loaded)), ...(await pinsOfRuns(store))],
    store,
  })
  refusePartialView(call, loaded, reach)
  const moves = call.options['yes'] === true
  const survey = await surveyGarbage(store, reach.reachable, { waiting: reportWaiting(call), everyLease: moves })
  const free = survey.unreachable.filter(({ heldBy }) => heldBy === undefined)
  const otherBytes = survey.reachable.bytes + sumsOf(survey.unreachable).bytes - sumsOf(free).bytes
  const goes = chooseVictims(free, { ...limits, otherBytes })
  const removed = moves ? await removeDeadLeases(store, survey.leases) : []
  const label = labelNow()
  const collected = moves ? await collectGarbage(store, goes, label) : undefined
  const isKept = (folder: string): boolean =>
    isOfCalls(folder) ||
    reach.hasFolder(folder) ||
    reach.reachable.has(folder, '') ||
    survey.reachable.folders.has(folder)
  const sets = await unreachedItems(store, isKept)
  const dropped = moves && call.options['items'] === true ? await collectItems(store, sets, label) : undefined
  const now = Date.now()
  const aside = collected === undefined ? survey.aside : await store.upkeep.aside()
  if (json)
    call.host.out.write(
      jsonDocument(
        {
          ...garbageDocument({ reach, survey, goes, removed, collected, now, aside }),
          items: itemsDocument(sets, dropped),
        },
        2,
      ),
    )
  else
    print(call, [
      ...garbageLines(
        {
          survey: collected === undefined ? survey : { ...survey, aside: await store.upkeep.aside() },
          goes,
          removed,
          collected,
          now,
          isKnownTask: reach.hasFolder,
          maxBytes: limits.maxBytes,
        },
        call.paint.out,
        widthOf(call),
      ),
      ...droppedItemLines(sets, dropped, call.paint.out),
    ])
  return (collected?.failed.length ?? 0) > 0 ? exitCodes.failed : exitCodes.done
}

const itemsDocument = (sets: readonly UsedItems[], dropped: CollectedItems | undefined): readonly object[] =>
  sets.map((set) => ({
    task: set.folder.replaceAll('/', ':'),
    mapItems: set.name,
    kept: set.kept,
    bytes: set.bytes,
    usage: set.usage,
    moved: dropped?.moved.includes(set) === true,
  }))

/** What one call found and did, as a JSON document. */
const garbageDocument = ({ reach, survey, goes, removed, collected, now, aside }: Collection): object => {
  const going = new Set(goes)
  const moved = new Set(collected?.moved)
  const { bytes, seconds } = sumsOf(goes)
  return {
    dryRun: collected === undefined,
    configs: reach.configs,
    plans: reach.plans,
    reachable: { count: survey.reachable.count, bytes: survey.reachable.bytes },
    unreachable: survey.unreachable.map((one) => ({
      ...documentOf(one, now),
      goes: going.has(one),
      moved: moved.has(one),
    })),
    goes: { count: goes.length, bytes, seconds },
    busy: collected?.busy.map(nameOf) ?? [],
    failed: collected?.failed.map(({ artifact, cause }) => ({ ...nameOf(artifact), problem: messageOf(cause) })) ?? [],
    foreign: survey.foreign.map(nameOf),
    leases: survey.leases.map((lease) => ({
      ...nameOf(lease),
      heldBy: holderIn(lease),
      reads: lease.reads,
      dead: lease.life === 'dead',
      removed: removed.includes(lease),
    })),
    aside,
    broken: reach.broken.map(({ revision, errors }) => ({ revision: revision ?? null, errors: explained(errors) })),
  }
}

interface Collection {
  readonly reach: Reach
  readonly survey: Awaited<ReturnType<typeof surveyGarbage>>
  readonly goes: Awaited<ReturnType<typeof surveyGarbage>>['unreachable']
  readonly removed: Awaited<ReturnType<typeof removeDeadLeases>>
  readonly collected: Awaited<ReturnType<typeof collectGarbage>> | undefined
  readonly now: number
  readonly aside: Awaited<ReturnType<typeof surveyGarbage>>['aside']
}

/**
 * Refuses to collect with a partial view: a config that cannot be planned may reach anything, and a project that plans
 * nothing is more likely a mistake than intended.
 */
const refusePartialView = (call: Call, { project, root }: LoadedProject, { broken, plans }: Reach): void => {
  const [first, ...others] = broken.flatMap(({ errors }) => errors)
  if (first !== undefined) {
    for (const { revision } of broken.filter(
      (one, at) =>
        one.revision !== undefined && broken.findIndex(({ revision: other }) => other === one.revision) === at,
    ))
      printBeside(call, [`configs as they were at ${revision} do not fit the project as it is now`])
    if (call.options['ignoreBroken'] !== true) {
      printBeside(call, [
        'it is not known what these configs reach, so nothing is touched; fix them, or add --ignore-broken:',
      ])
      throw taskchainError([first, ...others])
    }
    printBeside(call, [
      `${call.paint.err.yellow('warning')}: ${counted(broken.length, 'config')}` +
        ' cannot be planned; what only they reach counts as unreachable',
    ])
  }
  if (plans === 0)
    throw badOption(
      'gc',
      `no config below ${resolve(root, project.configs)} can be planned, ` +
        'so everything would be unreachable; delete the store yourself if that is intended',
    )
}

const purge = async (call: Call, store: WalkableStore) => {
  const dryRun = call.options['yes'] !== true
  const aside = await store.upkeep.aside({ remove: !dryRun })
  const bytes = aside.reduce((sum, one) => sum + one.bytes, 0)
  if (call.common.json) call.host.out.write(jsonDocument({ dryRun, aside, bytes }, 2))
  else if (aside.length === 0) print(call, ['the trash is empty'])
  else if (dryRun) print(call, asideLines(aside))
  else
    print(call, [
      `${counted(
        aside.reduce((sum, one) => sum + one.files, 0),
        'file',
      )} deleted, ${byteSize(bytes)}`,
    ])
  return exitCodes.done
}

const limitsOf = (call: Call): Limits => {
  const [size, days] = [textOption(call, 'maxBytes'), textOption(call, 'maxAge')]
  const maxBytes = size === undefined ? undefined : parseSize(size)
  const age = days === undefined ? undefined : parseDays(days)
  if (size !== undefined && maxBytes === undefined)
    throw badOption(`--max-bytes ${size}`, 'use a size such as 500MB, 10GB or 2GiB')
  if (days !== undefined && age === undefined)
    throw badOption(`--max-age ${days}`, 'use a number of days such as 30 or 0.5')
  return { maxBytes, madeBefore: age === undefined ? undefined : Date.now() - age * 86_400_000 }
}

const pinsFile = 'taskchain.pins'

const pinsOf = async (call: Call, { root }: LoadedProject): Promise<readonly Pin[]> => {
  const text = await readFile(resolve(root, pinsFile), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return ''
    throw badOption(pinsFile, cause.message)
  })
  return [...parsePins(text, pinsFile), ...listOption(call, 'pin').flatMap((line) => parsePins(line, `--pin ${line}`))]
}

/** Keys of pinned runs. If it is unknown what a pinned run reached, nothing may be collected. */
const pinsOfRuns = async (store: WalkableStore): Promise<readonly Pin[]> => {
  const history = historyOf(store)
  const ids = [...((await history?.pins()) ?? [])]
  const keys = await Promise.all(
    ids.map(async (id) => {
      const plan = (history && (await recordIn(history, id)))?.plan
      const kept = plan === undefined ? undefined : await history?.plan(plan)
      if (kept === undefined)
        throw badOption(
          `pinned run ${id}`,
          `what it reached cannot be read, so nothing is touched; taskchain runs unpin ${id}`,
        )
      return kept.keys
    }),
  )
  return Array.from(new Set(keys.flat()), (key) => ({ _tag: 'Key', key }))
}

const nameOf = ({ folder, key }: { readonly folder: string; readonly key: string }): object => ({
  task: folder.replaceAll('/', ':'),
  key,
})

const documentOf = (one: Unreachable, now: number): object => ({
  ...nameOf(one),
  bytes: one.bytes,
  made: new Date(one.made).toISOString(),
  age: Math.max(0, (now - one.made) / 1000),
  seconds: one.seconds ?? null,
  context: one.context ?? null,
  heldBy: holderIn(one),
})

const holderIn = ({ heldBy }: Pick<Unreachable, 'heldBy'>): object | null =>
  heldBy === undefined ? null : { host: heldBy.host, pid: heldBy.pid }
