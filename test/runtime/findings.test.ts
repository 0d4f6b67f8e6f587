// What a run with nothing to do has found is not told again, and never believed where anything it was told from has changed.
import fc from 'fast-check'
import * as t from 'io-ts'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { temporaryName } from '../../src/adapters/file-store/temporary-names.js'
import { directory } from '../../src/data/index.js'
import { inMemory } from '../../src/declare/format.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask, type OnCodeChange } from '../../src/declare/task.js'
import { standingOf } from '../../src/inspect/standing.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import type { RunReport } from '../../src/runtime/ports/events.js'
import { open, type Opened } from './fixture.js'

let root: string
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-findings-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const world = { value: 1 }

interface Variant {
  readonly code?: 'one' | 'two'
  readonly helper?: 'two'
  readonly onCodeChange?: OnCodeChange
  readonly onStale?: 'recompute' | 'warn'
  readonly by?: number
  readonly refresh?: 'always'
}

/** Some tasks that matter, and a hundred beside them: of fewer nothing is noted. */
const tasksOf = ({ code, helper, onCodeChange = 'warn', refresh }: Variant) => {
  const raw = defineTask({ data: t.number, onCodeChange, ...(refresh === undefined ? {} : { refresh }) }).run(
    code === 'two' ? () => world.value * 1 : () => world.value,
  )
  const kept = defineTask({ inputs: { raw }, data: inMemory<number>() }).run(({ raw }) => raw)
  const parity = defineTask({ inputs: { kept }, data: t.number }).run(({ kept }) => kept % 2)
  const ten = defineTask({ inputs: { raw }, params: { by: t.number }, data: t.number }).run(({ raw, by }) => raw * by)
  const codeOf = [{ sum: helper === 'two' ? () => 2 : () => 1 }]
  const last = defineTask({ inputs: { ten, parity }, data: t.number, codeOf }).run(({ ten, parity }) => ten + parity)
  const files = defineTask({ inputs: { parity }, data: directory() }).run(({ parity }, { dir }) =>
    fs.writeFileSync(join(dir, 'parity'), String(parity)),
  )
  const others = Array.from(
    { length: 100 },
    (_, at) => [`other${at}`, defineTask({ data: t.number }).run(() => 1)] as const,
  )
  return { raw, kept, parity, ten, last, files, ...Object.fromEntries(others) }
}

const start = (variant: Variant = {}, folder = root) => {
  const store = fileStore(folder, { durability: 'none' })
  const listed: string[] = []
  const watched = { ...store, list: (folders: readonly string[]) => (listed.push(...folders), store.list(folders)) }
  const pipelines = { p: tasksOf(variant) }
  const project = defineProject({ pipelines, onStale: variant.onStale ?? 'recompute' })
  return {
    ...open(pipelines, { params: { by: variant.by ?? 10 } }, { store: watched, project }),
    listed,
    store: watched,
  }
}

/** How nodes stand, what a run reports, and whether folders were looked through for that. */
const run = async (variant: Variant = {}, folder = root) => {
  const { chain, listed, store } = start(variant, folder)
  const { states, because } = await standingOf(chain, store)
  const before = {
    states: [...(await chain.states())],
    standing: [[...states], [...because]],
    before: [...(await chain.stale()).map(({ node }) => node), ...(await chain.drifted()).map(({ node }) => node)],
  }
  return { ...before, ...told(await chain.run()), listed: listed.length > 0 }
}

const told = ({ computed, adopted, cached, loaded, stale, drifted, failed, saved }: RunReport) => ({
  computed: computed.toSorted(),
  adopted: adopted.toSorted(),
  cached,
  loaded: loaded.toSorted(),
  stale: stale.toSorted(),
  drifted: drifted.toSorted(),
  failed,
  saved: { seconds: saved?.seconds.toFixed(3), unknown: saved?.unknown },
})

/** The same in a copy: its files are others, so nothing that was found of these says anything of them. */
const toldAnew = async (variant: Variant = {}) => {
  const copy = fs.mkdtempSync(join(tmpdir(), 'taskchain-findings-copy-'))
  try {
    fs.cpSync(root, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
    const found = await run(variant, copy)
    expect(found.listed).toBe(true)
    return { ...found, listed: undefined }
  } finally {
    fs.rmSync(copy, { recursive: true })
  }
}

const findings = (): readonly string[] =>
  fs.readdirSync(join(root, '.catalog')).filter((name) => name.endsWith('.finding'))
const findingPath = (): string => join(root, '.catalog', findings()[0] as string)
const pathOf = (name: string, ending = '.json', variant: Variant = {}): string => {
  const { chain, store }: Opened = start(variant)
  return (store.pathOf(addressOf(chain.task(name).node)) as string).replace(/(\.json)?$/, ending)
}

/** Everything is there, and a run has noted so. */
const made = async (variant: Variant = {}): Promise<void> => {
  world.value = 1
  await run({ by: 100 })
  await run(variant)
  await run(variant)
}

test('who finds everything there tells it from one look at each file, with the same report', async () => {
  await made()
  const anew = await toldAnew()
  expect(anew).toMatchObject({ computed: [], stale: [], drifted: [], failed: [], saved: { unknown: 0 } })
  expect(await run()).toEqual({ ...anew, listed: false })
  expect((await start().chain.run()).cached).toHaveLength(105)
})

test('values are those of the store, and a chain goes on as any other', async () => {
  await made()
  const { chain } = start()
  await chain.run()
  expect([await chain.value('last'), await chain.value('kept')]).toEqual([11, 1])
  await chain.force('ten')
  expect((await chain.run()).computed).toEqual(['p:ten', 'p:last'])
})

const touch = (path: string): void => fs.utimesSync(path, 1, 1)
const replaced = (path: string): void => {
  fs.copyFileSync(path, `${path}.new`)
  fs.renameSync(`${path}.new`, path)
}
const marked = async (name: string, variant: Variant = {}): Promise<void> =>
  void (await start(variant).chain.force(name, { mark: true }))
/** Another config has computed what it shares anew, and come to another value. */
const another = async (): Promise<void> => {
  await marked('raw', { by: 100 })
  world.value++
  await run({ by: 100 })
}

const changes: Readonly<Record<string, () => unknown>> = {
  'a run info that was touched': () => touch(pathOf('ten', '.run_info.yaml')),
  'a run info that was written anew': () => replaced(pathOf('ten', '.run_info.yaml')),
  'a run info that was edited': () => fs.appendFileSync(pathOf('ten', '.run_info.yaml'), '# seen\n'),
  'a run info that was cut': () => fs.truncateSync(pathOf('ten', '.run_info.yaml'), 40),
  'a run info that is gone': () => fs.rmSync(pathOf('ten', '.run_info.yaml')),
  'data that is gone': () => fs.rmSync(pathOf('ten')),
  'data that was cut': () => fs.truncateSync(pathOf('ten'), 0),
  'data that is a link to nothing': () => (fs.rmSync(pathOf('ten')), fs.symlinkSync('nothing', pathOf('ten'))),
  'a file that is gone from a folder': () => fs.rmSync(join(pathOf('files', ''), 'parity')),
  'a folder that is gone': () => fs.rmSync(pathOf('files', ''), { recursive: true }),
  'a task’s folder that is gone': () => fs.rmSync(join(root, 'p/last'), { recursive: true }),
  'a mark': () => marked('ten'),
  'a mark that is a link': () => fs.symlinkSync('nothing', pathOf('ten', '.stale')),
  'an input that another config computed anew': another,
  'a finding that was cut': () => fs.truncateSync(findingPath(), 100),
  'a finding with another number in it': () => {
    const bytes = fs.readFileSync(findingPath())
    bytes.writeDoubleLE(7, 8 * 9)
    fs.writeFileSync(findingPath(), bytes)
  },
  'no finding': () => fs.rmSync(findingPath()),
  'no catalog': () => fs.rmSync(join(root, '.catalog'), { recursive: true }),
  'what somebody left who was killed': () =>
    fs.writeFileSync(temporaryName(root, 'holder').replace(/-\d+-/, '-999999999-'), ''),
}

describe.each(Object.keys(changes))('%s', (change) => {
  test('has it told anew, as if nothing had been noted', async () => {
    await made()
    await changes[change]?.()
    const anew = await toldAnew()
    expect({ ...(await run()), listed: undefined }).toMatchObject({ ...anew, saved: {} })
  })
})

test.each<[string, Variant, Variant]>([
  ['other code, which is told', {}, { code: 'two' }],
  ['other code beside that of run', {}, { helper: 'two' }],
  ['other code, which is computed again', { onCodeChange: 'recompute' }, { onCodeChange: 'recompute', code: 'two' }],
  ['that what is stale is used', {}, { onStale: 'warn' }],
  ['another param', {}, { by: 11 }],
])('%s is another question', async (_, before, after) => {
  await made(before)
  const anew = await toldAnew(after)
  expect(await run(after)).toMatchObject({ ...anew, listed: true, saved: {} })
})

test('nothing is noted of what is stale, has drifted, was accepted, or may be due', async () => {
  await made()
  await another()
  for (const finding of findings()) fs.rmSync(join(root, '.catalog', finding))
  for (const variant of [{ onStale: 'warn' }, { code: 'two', by: 100 }, { refresh: 'always' }] as const)
    for (let times = 0; times < 2; times++) await run(variant)
  expect(findings()).toEqual([])
  await start({ code: 'two', by: 100 }).chain.bless()
  expect((await run({ code: 'two', by: 100 })).drifted).toEqual([])
  expect(findings()).toEqual([])
})

test('a link in place of a finding is not followed, and few are kept', async () => {
  await made()
  const [path, outside] = [findingPath(), join(root, 'outside')]
  fs.rmSync(path)
  fs.symlinkSync(outside, path)
  expect((await run()).listed).toBe(true)
  expect([fs.existsSync(outside), fs.lstatSync(path).isFile(), (await run()).listed]).toEqual([false, true, false])
  for (let at = 0; at < 20; at++) fs.writeFileSync(join(root, '.catalog', `${at}.finding`), '')
  await run({ by: 100 })
  expect(findings()).toHaveLength(16)
})

test('whatever happens, a run reports what one reports that has no finding', async () => {
  const step = fc.constantFrom(...Object.keys(changes), 'nothing', 'nothing')
  const variant = fc.constantFrom<Variant>({}, {}, { by: 100 }, { code: 'two' }, { onStale: 'warn' })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(step, variant), { maxLength: 5 }), async (steps) => {
      fs.rmSync(root, { recursive: true, force: true })
      await made()
      for (const [change, variant] of steps) {
        try {
          await changes[change]?.()
        } catch {
          // what an earlier step has removed
        }
        const anew = await toldAnew(variant)
        expect({ ...(await run(variant)), listed: undefined }).toMatchObject({ ...anew, saved: {} })
      }
    }),
    { numRuns: Number(process.env['FINDINGS_RUNS'] ?? 4) },
  )
}, 300_000)
