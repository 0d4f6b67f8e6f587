// gc and verify on a small project, most of it in this process; leases against a real second one.
import { fork, execFileSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, inProcess, projectFiles, remove, taskchain, write } from './fixture.js'

beforeAll(builtOnce)

let folder: string
let child: ChildProcess | undefined
beforeEach(() => {
  folder = emptyFolder()
  const { 'configs/films.yaml': films, ...others } = projectFiles
  write(folder, {
    ...Object.fromEntries(Object.entries(others).filter(([name]) => !name.startsWith('configs/'))),
    'configs/films.yaml': films as string,
  })
})
afterEach(() => {
  child?.kill('SIGKILL')
  child = undefined
  remove(folder)
})

const stored = (): readonly string[] =>
  readdirSync(join(folder, 'data/tasks'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(json|txt|run_info\.yaml)$/.test(name) && !name.startsWith('.') && !name.startsWith('linked'))
    .sort()
const run = async (...words: string[]) =>
  expect(await inProcess(folder, ['run', 'films', ...words])).toMatchObject({ code: 0 })
const gc = async (...words: string[]) => {
  const outcome = await inProcess(folder, ['gc', '--json', ...words])
  expect(outcome.err).toBe('')
  return JSON.parse(outcome.out) as {
    dryRun: boolean
    unreachable: {
      task: string
      key: string
      bytes: number
      seconds: number | null
      goes: boolean
      moved: boolean
      heldBy: { pid: number } | null
      context: string | null
    }[]
    reachable: { count: number; bytes: number }
    goes: { count: number; bytes: number }
    busy: object[]
    failed: object[]
    foreign: object[]
    leases: object[]
    aside: { place: string; label: string; files: number; bytes: number }[]
  }
}
const keyOf = (found: Awaited<ReturnType<typeof gc>>, task: string): string =>
  found.unreachable.find((one) => one.task === task)?.key as string

describe('gc', () => {
  test('lists what no config reaches and deletes nothing; with --yes that goes to the trash and the rest stays', async () => {
    await run()
    const wanted = stored()
    await run('--context', 'contexts/few.yaml')
    const all = stored()
    const looked = await gc()
    expect(stored()).toEqual(all)
    expect(looked.dryRun).toBe(true)
    expect(looked.unreachable.map(({ task, context, goes, moved }) => ({ task, context, goes, moved }))).toEqual(
      ['films:all', 'films:exported', 'films:filtered', 'films:summary'].map((task) => ({
        task,
        context: expect.stringContaining('few'),
        goes: true,
        moved: false,
      })),
    )
    expect(looked.unreachable.every(({ bytes, seconds }) => bytes > 100 && typeof seconds === 'number')).toBe(true)
    const done = await gc('--yes')
    expect(done.unreachable.every(({ moved }) => moved)).toBe(true)
    expect(stored()).toEqual(wanted)
    expect(done.aside).toMatchObject([{ place: 'trash', bytes: looked.goes.bytes }])
    expect((await gc()).unreachable).toEqual([])
    expect((await inProcess(folder, ['run', 'films'])).out).toContain('0 computed')
  })

  test('the trash is emptied by --purge, and only with --yes', async () => {
    await run('--set', 'how_many=3')
    await gc('--yes')
    const trash = join(folder, 'data/tasks/.trash')
    const inTrash = readdirSync(trash, { recursive: true }).length
    expect(inTrash).toBeGreaterThan(8)
    expect(await gc('--purge')).toMatchObject({ dryRun: true, aside: [{ place: 'trash' }] })
    expect(readdirSync(trash, { recursive: true }).length).toBe(inTrash)
    expect(await gc('--purge', '--yes')).toMatchObject({ dryRun: false })
    expect(existsSync(trash)).toBe(false)
    expect((await inProcess(folder, ['gc', '--purge'])).out).toBe('the trash is empty\n')
  })

  test('what is in the trash can be had back by moving it', async () => {
    await run()
    renameSync(join(folder, 'configs/films.yaml'), join(folder, 'films.yaml'))
    write(folder, { 'configs/other.yaml': 'tasks: films.all\nhow_many: 2\n' })
    const before = stored()
    await gc('--yes')
    expect(stored()).toEqual([])
    const trash = join(folder, 'data/tasks/.trash')
    const [label] = readdirSync(trash)
    execFileSync('cp', ['-r', `${join(trash, label as string)}/.`, join(folder, 'data/tasks')])
    renameSync(join(folder, 'films.yaml'), join(folder, 'configs/films.yaml'))
    expect(stored()).toEqual(before)
    expect((await inProcess(folder, ['run', 'films'])).out).toContain('0 computed')
  })

  test('contexts, pins and revisions of git keep what they reach', async () => {
    await run()
    await run('--context', 'contexts/few.yaml')
    await run('--set', 'how_many=5')
    await run('--set', 'how_many=6')
    const tasks = async (...words: string[]) =>
      (await gc(...words)).unreachable.filter(({ task }) => task === 'films:all').length
    expect(await tasks()).toBe(3)
    expect(await tasks('--context', 'contexts/few.yaml')).toBe(2)
    expect(await tasks('--context', 'contexts/few.yaml', '--pin', 'films --set how_many=5')).toBe(1)
    expect(await tasks('--pin', 'sweep films --set how_many=3,5,6')).toBe(0)
    expect(await tasks('--pin', 'films:all')).toBe(0)
    write(folder, {
      'taskchain.pins': `# kept\nrun films --context contexts/few.yaml\n${keyOf(await gc(), 'films:all')}\n`,
    })
    expect(await tasks()).toBe(1)
    rmSync(join(folder, 'taskchain.pins'))
    const git = (...words: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd: folder, stdio: 'pipe' })
    git('init', '-q')
    write(folder, { 'configs/films.yaml': 'tasks: films.*\nhow_many: 5\n' })
    git('add', 'configs')
    git('commit', '-qm', 'five')
    write(folder, { 'configs/films.yaml': 'tasks: films.*\nhow_many: 12\n' })
    expect(await tasks()).toBe(3)
    expect(await tasks('--revisions', 'HEAD')).toBe(2)
  })

  test('a config that cannot be planned stops it, with its errors', async () => {
    await run('--set', 'how_many=3')
    write(folder, { 'configs/broken.yaml': 'tasks: films.*\nhow_many: many\n', 'configs/values.yaml': 'how_many: 3\n' })
    const before = stored()
    const outcome = await inProcess(folder, ['gc', '--yes'])
    expect([outcome.code, outcome.out]).toEqual([2, ''])
    expect(outcome.err).toContain('configs/broken.yaml:2')
    expect(outcome.err).toContain('--ignore-broken')
    expect(stored()).toEqual(before)
    const ignoring = await inProcess(folder, ['gc', '--yes', '--ignore-broken'])
    expect([ignoring.code, ignoring.err.includes('cannot be planned')]).toEqual([0, true])
    expect(stored()).toEqual([])
  })

  test('a pin that cannot be planned stops it too, and so does a project without any config', async () => {
    await run()
    expect(await inProcess(folder, ['gc', '--yes', '--pin', 'run gone'])).toMatchObject({ code: 3, out: '' })
    rmSync(join(folder, 'configs/films.yaml'))
    const outcome = await inProcess(folder, ['gc', '--yes'])
    expect([outcome.code, outcome.err.includes('everything would be unreachable')]).toEqual([3, true])
    expect(stored().length).toBeGreaterThan(5)
  })

  test('configs behind links count, and a folder of configs that cannot be read is no empty one', async () => {
    await run('--set', 'how_many=3')
    write(folder, { 'elsewhere/three.yaml': 'tasks: films.*\nhow_many: 3\n' })
    symlinkSync('../elsewhere', join(folder, 'configs/linked'), 'dir')
    expect((await gc()).unreachable).toEqual([])
    rmSync(join(folder, 'elsewhere'), { recursive: true })
    expect((await inProcess(folder, ['gc', '--yes'])).code).not.toBe(0)
    expect(stored().length).toBeGreaterThan(5)
  })

  test('caps let the rest stay; the figures say so', async () => {
    await run()
    await run('--set', 'how_many=3')
    const all = await gc()
    const total = all.reachable.bytes + all.goes.bytes
    expect((await gc('--max-bytes', `${total}`)).goes.count).toBe(0)
    const fewer = await gc('--max-bytes', `${total - 1}`)
    expect(fewer.goes.count).toBe(1)
    expect((await gc('--max-bytes', '0')).goes.count).toBe(all.goes.count)
    expect((await gc('--max-age', '1')).goes.count).toBe(0)
    expect((await gc('--max-age', '0')).goes.count).toBe(all.goes.count)
    expect(await inProcess(folder, ['gc', '--max-bytes', 'much'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('use a size'),
    })
    expect(await inProcess(folder, ['gc', '--yes', '--dry-run'])).toMatchObject({ code: 3 })
  })

  test('what another process has the lease of is never touched', async () => {
    await run('--set', 'how_many=3')
    const key = keyOf(await gc(), 'films:filtered')
    const address = { folder: 'films/filtered', key, extension: 'json' }
    child = fork(
      resolve(import.meta.dirname, '../adapters/store-process.mjs'),
      [JSON.stringify({ mode: 'hold', root: join(folder, 'data/tasks'), targets: [{ kind: 'file', address }] })],
      { execArgv: [] },
    )
    await once(child, 'message')
    const looked = await gc()
    expect(looked.unreachable.filter(({ goes }) => !goes)).toMatchObject([
      { task: 'films:filtered', key, heldBy: { pid: child.pid } },
    ])
    const done = await gc('--yes')
    expect(done.unreachable.filter(({ moved }) => !moved).map(({ task }) => task)).toEqual(['films:filtered'])
    expect(stored()).toEqual([`films/filtered/${key}.json`, `films/filtered/${key}.run_info.yaml`])
    const ended = once(child, 'exit')
    child.send('release')
    await ended
    expect((await gc('--yes')).unreachable.map(({ moved }) => moved)).toEqual([true])
    expect(stored()).toEqual([])
  })

  test('what a killed process has left beside what configs reach is named, and removed with --yes', async () => {
    await run()
    const [name] = stored().filter((one) => one.startsWith('films/filtered/'))
    const key = (name as string).slice('films/filtered/'.length, -'.json'.length)
    const address = { folder: 'films/filtered', key, extension: 'json' }
    const root = join(folder, 'data/tasks')
    child = fork(
      resolve(import.meta.dirname, '../adapters/store-process.mjs'),
      [JSON.stringify({ mode: 'hold', root, targets: [{ kind: 'file', address }] })],
      { execArgv: [] },
    )
    await once(child, 'message')
    expect((await gc()).leases).toEqual([]) // it lives
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    const lease = join(root, `films/filtered/${key}.lease`)
    const whose = `films/filtered/${key} (process ${child.pid} on ${hostname()})`
    expect((await inProcess(folder, ['gc'])).out).toContain(
      `\n1 lease of dead processes, which --yes removes: ${whose}\n`,
    )
    expect(existsSync(lease)).toBe(true)
    expect((await gc('--yes')).leases).toMatchObject([{ key, heldBy: { pid: child.pid }, dead: true, removed: true }])
    expect(existsSync(lease)).toBe(false)
    expect((await gc()).leases).toEqual([])
  })

  test('what a process elsewhere has left there is named without waiting', async () => {
    await run()
    const [name] = stored().filter((one) => one.startsWith('films/filtered/'))
    const lease = join(folder, 'data/tasks', (name as string).replace(/json$/, 'lease'))
    const text = { schema: 1, pid: 7, start: '5', thread: null, host: 'far', machine: null, boot: null }
    writeFileSync(lease, JSON.stringify({ ...text, space: '0badcafe', id: 'abc', every: 5000, beat: '000000000001' }))
    const { out, err } = await inProcess(folder, ['gc'])
    expect(out).toContain(
      '1 lease of processes elsewhere, which --yes removes if their heartbeats show that these are dead: films/filtered/',
    )
    expect([err, existsSync(lease)]).toEqual(['', true])
  })

  test('nothing outside the store is touched, and files that no commit made stay', async () => {
    await run('--set', 'how_many=3')
    const outside = emptyFolder([])
    write(outside, { [`films/all/${'a'.repeat(32)}.json`]: '1', [`films/all/${'a'.repeat(32)}.run_info.yaml`]: 'x: 1' })
    symlinkSync(join(outside, 'films'), join(folder, 'data/tasks/linked'), 'dir')
    write(folder, {
      [`data/tasks/films/all/${'b'.repeat(32)}.json`]: '"mine"',
      'data/tasks/films/all/notes.txt': 'mine',
    })
    const done = await gc('--yes')
    expect(done.foreign).toEqual([{ task: 'films:all', key: 'b'.repeat(32) }])
    expect(stored()).toEqual([`films/all/${'b'.repeat(32)}.json`, 'films/all/notes.txt'])
    expect(readdirSync(join(outside, 'films/all')).length).toBe(2)
    rmSync(join(folder, 'data/tasks/.trash'), { recursive: true })
    symlinkSync(outside, join(folder, 'data/tasks/.trash'), 'dir')
    await run('--set', 'how_many=3')
    const refused = await inProcess(folder, ['gc', '--yes'])
    expect([refused.code, refused.out.includes('nothing is moved there')]).toEqual([1, true])
    expect(await gc('--purge', '--yes')).toMatchObject({ aside: [] })
    expect(readdirSync(outside).sort()).toEqual(['films'])
    remove(outside)
  })

  test('as a process, for people', async () => {
    await run()
    await run('--set', 'how_many=3')
    const outcome = await taskchain(folder, ['gc'])
    expect(outcome.code).toBe(0)
    expect(outcome.out).toMatch(/^task +key +size +age +made +to recompute\nfilms\/all +[0-9a-f]{12} /)
    expect(outcome.out).toMatch(/4 artifacts that no config reaches, [^;]*; 4 keys reached, /)
    expect(outcome.out).toContain('nothing was changed; --yes moves them to the trash')
    expect((await taskchain(folder, ['gc', '--yes'])).out).toContain('4 artifacts moved to the trash')
    expect((await taskchain(folder, ['gc'])).out).toMatch(
      /^every artifact is reached by some config: .*\nin the trash: \d+ files, /,
    )
  })
})

describe('verify', () => {
  const verify = async (...words: string[]) => {
    const outcome = await inProcess(folder, ['verify', '--json', ...words])
    return {
      code: outcome.code,
      ...(JSON.parse(outcome.out) as {
        checked: number
        passedOver: number
        damage: { folder: string; kind: string; problem: string; setAside: boolean }[]
      }),
    }
  }
  const dataIn = (task: string): string =>
    join(
      folder,
      'data/tasks/films',
      task,
      readdirSync(join(folder, 'data/tasks/films', task)).find((name) => name.endsWith('.json')) as string,
    )

  test('finds nothing in a sound store', async () => {
    await run()
    expect(await verify()).toMatchObject({ code: 0, checked: 4, damage: [] })
    expect((await taskchain(folder, ['verify'])).out).toContain('all whole')
  })

  test('names what is damaged or half there, sets it aside, and the next run computes it again', async () => {
    await run()
    const text = readFileSync(dataIn('filtered'), 'utf8')
    writeFileSync(dataIn('filtered'), text.replace('Film 3', 'Film 4')) // the same size, another checksum
    truncateSync(dataIn('all'), 10)
    unlinkSync(dataIn('summary'))
    const looked = await verify('--dry-run')
    expect(looked.damage.map(({ folder: at, kind, setAside }) => [at, kind, setAside])).toEqual([
      ['films/all', 'damaged', false],
      ['films/filtered', 'damaged', false],
      ['films/summary', 'incomplete', false],
    ])
    expect(looked.damage[1]?.problem).toContain('checksum')
    expect(looked.damage[2]?.problem).toContain('its data is missing, .json')
    const found = await verify()
    expect([found.code, found.damage.map(({ setAside }) => setAside)]).toEqual([1, [true, true, true]])
    expect(await verify()).toMatchObject({ code: 0, damage: [] })
    const again = await inProcess(folder, ['run', 'films'])
    expect([again.code, /\b4 computed/.test(again.out)]).toEqual([0, true])
    expect(readFileSync(dataIn('filtered'), 'utf8')).toBe(text)
    expect(readdirSync(join(folder, 'data/tasks/.damaged')).length).toBe(1)
  })

  test('finds a byte that changed in a file of a folder, which the next run computes again; a folder of an earlier version is told', async () => {
    await run()
    const exported = join(folder, 'data/tasks/films/exported')
    const names = readdirSync(exported)
    const titles = join(exported, names.find((name) => /^[0-9a-f]{32}$/.test(name)) as string, 'titles.txt')
    const runInfo = join(exported, names.find((name) => name.endsWith('.run_info.yaml')) as string)
    const whole = readFileSync(titles, 'utf8')
    writeFileSync(titles, whole.replace('Film', 'film'))
    expect((await inProcess(folder, ['run', 'films'])).out).toContain('0 computed')
    const found = await verify()
    expect([found.code, found.damage]).toMatchObject([
      1,
      [
        {
          folder: 'films/exported',
          kind: 'damaged',
          problem: expect.stringContaining('contents of the files'),
          setAside: true,
        },
      ],
    ])
    await run()
    expect(readFileSync(titles, 'utf8')).toBe(whole)
    writeFileSync(runInfo, readFileSync(runInfo, 'utf8').replace(/\n {2}content: .*/, ''))
    expect(await verify()).toMatchObject({ code: 0, checked: 4, sizesOnly: 1, damage: [] })
    expect((await inProcess(folder, ['verify'])).out).toMatch(
      /^4 artifacts read, [^\n]*: all whole\n1 folder compared by names and sizes only: an earlier version recorded no checksum of contents\n$/,
    )
  })

  test('a run info that is none, data without one, and a folder with another file are damage', async () => {
    await run()
    const [runInfo] = readdirSync(join(folder, 'data/tasks/films/all')).filter((name) =>
      name.endsWith('.run_info.yaml'),
    )
    writeFileSync(join(folder, 'data/tasks/films/all', runInfo as string), '{]')
    const exported = join(folder, 'data/tasks/films/exported')
    const inner = readdirSync(exported, { withFileTypes: true }).find((entry) => entry.isDirectory())?.name as string
    appendFileSync(join(exported, inner, 'titles.txt'), 'more')
    write(folder, { [`data/tasks/films/all/${'b'.repeat(32)}.json`]: '1' })
    const found = await verify()
    expect(found.damage.map(({ folder: at, kind, setAside }) => `${at} ${kind} ${setAside}`).sort()).toEqual([
      'films/all damaged true',
      'films/all incomplete false',
      'films/exported damaged true',
    ])
    mkdirSync(join(folder, 'empty'))
    expect(await inProcess(folder, ['verify', '--store', 'empty'])).toMatchObject({
      code: 0,
      out: '0 artifacts read, 0 B: all whole\n',
    })
  })
})
