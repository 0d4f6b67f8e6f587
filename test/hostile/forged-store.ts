import * as fs from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import type { Project } from '../../src/declare/project.js'
import { openChain } from '../../src/open-chain.js'
import { explainText } from '../../src/explain.js'
import type { Chain } from '../../src/runtime/chain/chain-types.js'
import { collectGarbage, removeDeadLeases, surveyGarbage, type WalkableStore } from '../../src/runtime/upkeep/gc.js'
import { verifyStore } from '../../src/runtime/upkeep/verify.js'
import { emptyFolder, inProcess, remove, write } from '../cli/fixture.js'
import { diceFrom, forge, type Dice } from './forgeries.js'
import { isTagged, prototypesAreClean } from './planning.js'

/** A project with a store, which is forged, then looked at, run, verified and collected; any case alone by its seed. */

const tasksText = `
import * as fs from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import { defineTask } from 'taskchain'
import { checkpoint, directory, inMemory, jsonLines, largeTable, ndarray, table, text } from 'taskchain/data'
const Row = t.type({ name: t.string, votes: t.Int })
const rows = Array.from({ length: 50 }, (_, at) => ({ name: 'film ' + at, votes: at * 7 }))
export const one = defineTask({ params: { version: t.Int }, data: t.array(t.number) }).run(({ version }, { log, note }) => (log.info('one'), note({ made: version }), [version, 1, 2]))
export const story = defineTask({ data: text() }).run(() => 'once upon a time')
export const few = defineTask({ inputs: { one }, data: table(Row) }).run(() => rows)
export const many = defineTask({ data: largeTable(Row) }).run(async function* () { yield* rows })
export const lines = defineTask({ data: jsonLines(Row) }).run(async function* () { yield* rows })
export const dir = defineTask({ inputs: { story }, data: directory() }).run(({ story }, { dir }) => { for (const name of ['a', 'b']) fs.writeFileSync(join(dir, name), story + name) })
export const steps = defineTask({ data: checkpoint() }).run((_, { dir }) => fs.writeFileSync(join(dir, 'step'), 'done'))
export const code = defineTask({ data: t.number, onCodeChange: 'recompute' }).run(() => 5)
export const index = defineTask({ inputs: { few }, data: inMemory() }).run(({ few }, { log }) => (log.info('index'), new Map(few.map(({ name, votes }) => [name, votes]))))
export const sum = defineTask({ inputs: { one, dir, code, index, many }, data: t.unknown }).run(async ({ one, dir, code, index, many }) => {
  let votes = 0
  for await (const row of many) votes += row.votes
  return { one, code, votes, size: index.size, a: fs.readFileSync(join(dir, 'a'), 'utf8') }
})
`
const files = {
  'package.json': '{ "type": "module" }',
  'p.js': tasksText,
  'taskchain.config.js':
    "import { defineProject } from 'taskchain'\nimport * as p from './p.js'\nexport default defineProject({ pipelines: { p } })\n",
  'configs/c.yaml': 'tasks: p.*\nversion: 3\n',
  'outside/file': 'nobody’s business',
  'outside/deep/file': 'nor this',
}

/** So short that a forged heartbeat that stands still is given up at once. */
const heartbeat = { every: 20, limit: 40 }
/** Whoever is waited for longer than this is waited for on purpose. Milliseconds. */
const patience = 150

export interface Forgery {
  readonly folder: string
  /** Plays the case of a seed. What was forged, and what was wrong then. */
  readonly play: (seed: number) => Promise<{ readonly forged: readonly string[]; readonly problems: readonly string[] }>
  readonly end: () => void
}

/** What a value is, read to its end. */
const readOut = async (value: unknown): Promise<unknown> => {
  if (typeof value === 'string' && fs.existsSync(value) && fs.statSync(value).isDirectory())
    return fs
      .readdirSync(value)
      .sort()
      .map((name) => [name, fs.readFileSync(join(value, name), 'utf8')])
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value)) return value
  const items: unknown[] = []
  for await (const item of value as AsyncIterable<unknown>) items.push(item)
  return items
}

const contentsOf = (folder: string): readonly string[] =>
  fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
    const stat = fs.lstatSync(join(folder, name))
    return `${name} ${stat.mode} ${stat.mtimeMs} ${stat.ino} ${stat.isFile() ? fs.readFileSync(join(folder, name), 'utf8') : ''}`
  })

const isFromDisk = (error: unknown): boolean => error instanceof Error && 'code' in error && 'syscall' in error
/** Waiting ended, or a stream reported its damage to whoever read it. */
const isExpected = (error: unknown): boolean =>
  error instanceof Error && ['TimeoutError', 'AbortError', 'DamagedArtifact'].includes(error.name)

/** Prepares the project and a store with all its results, some of them marked, blessed and read. */
export const forgery = async (): Promise<Forgery> => {
  const folder = emptyFolder()
  write(folder, files)
  const project = ((await import(pathToFileURL(join(folder, 'taskchain.config.js')).href)) as { default: Project })
    .default
  const config = { tasks: 'p.*', version: 3 }
  const [base, outside] = [join(folder, 'base'), join(folder, 'outside')]
  const opened = (root: string): Promise<Chain> =>
    openChain(project, { config, store: fileStore(root, { heartbeat }), logLevel: 'silent' })
  const first = await opened(base)
  const names = first.plan.nodes.map(({ id }) => id)
  const expected = new Map<string, unknown>()
  for (const name of names) expected.set(name, await readOut(await first.value(name)))
  const store = fileStore(base)
  const address = { folder: 'p/one', key: first.task('p:one').key, extension: 'json' }
  const lease = await store.lease(address, { signal: new AbortController().signal, waiting: () => undefined })
  const leaseText = fs.readFileSync(join(base, address.folder, `${address.key}.lease`), 'utf8')
  await lease.release()
  await first.force('p:story', { mark: true })
  await first.close()
  await store.flush()
  const before = contentsOf(outside)

  const values = async (chain: Chain, problems: string[], name: string): Promise<void> => {
    const value = await readOut(await chain.value(name))
    if (!isDeepStrictEqual(value, expected.get(name)))
      problems.push(`${name} is ${JSON.stringify(value)?.slice(0, 300)}`)
  }

  const play: Forgery['play'] = async (seed) => {
    const dice = diceFrom(seed)
    const root = join(folder, `store-${seed}`)
    fs.cpSync(base, root, { recursive: true, preserveTimestamps: true })
    const forged = Array.from({ length: 1 + dice.below(4) }, () => forge({ root, outside, lease: leaseText }, dice))
    const problems: string[] = []
    const told = async (what: string, work: () => Promise<unknown>): Promise<void> => {
      try {
        await work()
      } catch (error) {
        const text = isTagged(error) ? '' : String((error as Error | undefined)?.stack ?? error)
        if (!isTagged(error) && !isFromDisk(error) && !isExpected(error))
          problems.push(`${what}: ${text.slice(0, 800)}`)
      }
    }
    await looked(root, told, dice)
    for (const isHealed of [false, true]) {
      if (isHealed) removeLeases(root)
      const chain = await opened(root)
      const signal = AbortSignal.timeout(isHealed ? 20_000 : patience)
      await told('run', async () => {
        const { failed, stopped } = await chain.run([], { signal })
        for (const error of failed)
          if (/internal error|\n +at /.test(explainText(error))) problems.push(explainText(error))
        if (isHealed && stopped && failed.length === 0) problems.push('it was stopped after 20 s')
      })
      if (isHealed) for (const name of names) await told(`value of ${name}`, () => values(chain, problems, name))
      await told('close', () => chain.close())
    }
    if (dice.below(8) === 0) problems.push(...(await commands(root, dice)))
    if (!isDeepStrictEqual(contentsOf(outside), before)) problems.push('something outside the store has changed')
    if (!prototypesAreClean()) problems.push('a prototype has changed')
    fs.rmSync(root, { recursive: true, force: true })
    return { forged, problems }
  }

  /** What looks without waiting for long, in any order. */
  const looked = async (
    root: string,
    told: (what: string, work: () => Promise<unknown>) => Promise<void>,
    dice: Dice,
  ): Promise<void> => {
    const store = fileStore(root, { heartbeat }) as WalkableStore
    const chain = await opened(root)
    const looks: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['states', () => chain.states()],
      ['tasks', () => chain.tasks()],
      ['drifted', () => chain.drifted()],
      ['bless', () => chain.bless()],
      ['draw', () => chain.draw()],
      ['link', () => chain.linkReadable()],
      ['force', () => chain.force(dice.one(names), { mark: true })],
      ['dependents', () => chain.storedDependents(dice.one(names))],
      ['why', () => Promise.all(names.map((name) => chain.task(name).why()))],
      ['info', () => Promise.all(names.map((name) => chain.task(name).runInfo()))],
      ['log', () => Promise.all(names.map((name) => chain.task(name).log()))],
      ['verify', () => verifyStore(store, { label: 'now', signal: AbortSignal.timeout(patience) })],
      [
        'gc',
        async () => {
          const keys = new Set(chain.plan.nodes.filter(() => dice.below(4) > 0).map(({ key }) => key))
          const survey = await surveyGarbage(
            store,
            { has: (_, key) => keys.has(key) },
            { signal: AbortSignal.timeout(patience), everyLease: dice.below(2) === 0 },
          )
          await removeDeadLeases(store, survey.leases)
          await collectGarbage(store, survey.unreachable, 'now')
        },
      ],
    ]
    for (let times = 3; times > 0; times--) {
      const [what, look] = dice.one(looks)
      await told(what, look)
    }
    await told('flush', () => store.flush())
    await told('close', () => chain.close())
  }

  /** What the command line says of it: a documented code, in words. */
  const commands = async (root: string, dice: Dice): Promise<readonly string[]> => {
    forge({ root, outside, lease: leaseText }, dice)
    removeLeases(root)
    const name = dice.one(names).replace('p:', '')
    const words = dice
      .one([
        'plan',
        'run',
        'tasks',
        'draw --dot',
        'bless',
        'diff c',
        ...['why', 'info', 'log', 'show', 'force'].map((one) => `${one} ${name}`),
      ])
      .split(' ')
    const [command, ...more] = words as [string, ...string[]]
    const call = [command, 'c', ...more, '--store', root]
    const { code, out, err } = await inProcess(folder, dice.below(2) === 0 ? call : [...call, '--json'])
    return [0, 1, 2, 3, 4].includes(code ?? -1) && !/internal error|\n +at /.test(out + err)
      ? []
      : [`${words.join(' ')} ended with ${code}: ${(out + err).slice(0, 800)}`]
  }

  return { folder, play, end: () => remove(folder) }
}

/** As if those who hold them had been dead for long. */
const removeLeases = (root: string): void => {
  for (const entry of fs.readdirSync(root, { recursive: true, withFileTypes: true }))
    if (/\.(lease|removal)$|^\.holder|^\.pins$/.test(entry.name))
      fs.rmSync(join(entry.parentPath, entry.name), { recursive: true, force: true })
}
