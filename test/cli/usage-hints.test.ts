// What the command line says where it was meant almost right.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, projectFiles, remove, taskchain, write } from './fixture.js'

beforeAll(builtOnce, 120_000)

const folders: string[] = []
const films = (files: Readonly<Record<string, string>> = {}): string => {
  const folder = emptyFolder()
  folders.push(folder)
  write(folder, { ...projectFiles, ...files })
  return folder
}
afterEach(() => folders.splice(0).forEach(remove))

describe('hints of the command line', () => {
  test('a command without its config names those that there are', async () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`configs/a${index}.yaml`, 'tasks: []\n']))
    const { code, err } = await taskchain(films(many), ['plan'])
    expect(code).toBe(3)
    expect(err).toMatch(/missing required argument 'config'\n {2}configs here: a0, a1, a10, .* and \d+ more\n$/)
  })

  test('without a project there is only the error', async () => {
    expect((await taskchain('/', ['plan'])).err).toBe("error: missing required argument 'config'\n")
  })

  test('programs read what is wrong with a command line as a document', async () => {
    const wrong = await taskchain(films(), ['plan', 'films', '--jsn', '--json'])
    expect({ ...wrong, out: JSON.parse(wrong.out) as unknown }).toMatchObject({
      code: 3,
      out: { errors: [{ code: 'BadOption', message: expect.stringMatching(/^unknown option '--jsn'/) }] },
    })
    expect(JSON.parse((await taskchain(films(), ['--json'])).out)).toMatchObject({
      errors: [{ message: 'no command is named' }],
    })
    const missing = await taskchain(films(), ['plan', '--json'])
    expect(JSON.parse(missing.out)).toMatchObject({ errors: [{ hint: expect.stringMatching(/^configs here: films/) }] })
  })

  test('a file after --svg is told where it goes', async () => {
    const { code, err } = await taskchain(films(), ['draw', 'films', '--svg', 'out.svg'])
    expect([code, err]).toEqual([3, expect.stringContaining('--svg takes no file; use --svg --output out.svg')])
  })

  test('help of an unknown command says that it is unknown', async () => {
    const outcome = await taskchain('/', ['help', 'plam'])
    expect(outcome).toMatchObject({ code: 3, out: '', err: "error: unknown command 'plam'\n(Did you mean plan?)\n" })
    expect((await taskchain('/', ['help', 'plan'])).out).toContain('Usage: taskchain plan')
    expect((await taskchain('/', ['help', 'help'])).code).toBe(0)
  })

  test.each(['a.pdf', 'a.JPG'])('a drawing is not written as Mermaid text to %s', async (file) => {
    const folder = films()
    const { code, err } = await taskchain(folder, ['draw', 'films', '-o', file])
    expect([code, err]).toEqual([3, expect.stringContaining('pictures are drawn as .svg or .png')])
    expect(readdirSync(folder)).not.toContain(file)
  })

  test('--set reads tags as configs do', async () => {
    const folder = films()
    const plan = await taskchain(folder, ['plan', 'films', '--set', 'how_many=!!float 5', '--json'])
    expect(JSON.parse(plan.out).nodes.find(({ name }: { name: string }) => name === 'all').params).toEqual({
      howMany: 5,
    })
  })

  test('a part of an object that --set gives is blamed on --set', async () => {
    const { err } = await taskchain(films(), ['plan', 'films', '--set', 'how_many.deeper=5'])
    expect(err).toMatch(/^error: --set: /)
  })
})

describe('diff with --set', () => {
  const files = { 'configs/other.yaml': 'tasks: trouble.fine\n' }

  test('a value that one side reads is laid over that one', async () => {
    const folder = films(files)
    for (const sides of [
      ['films', 'other'],
      ['other', 'films'],
    ])
      expect(await taskchain(folder, ['diff', ...sides, '--set', 'how_many=7'])).toMatchObject({ code: 0, err: '' })
  })

  test('one that neither reads is an error', async () => {
    const { code, err } = await taskchain(films(files), ['diff', 'films', 'other', '--set', 'how_manny=7'])
    expect([code, err]).toEqual([2, expect.stringContaining("no task of this chain reads 'how_manny'")])
  })
})

test.each([
  ['its name', () => 15, "the run info names no task under 'task: name:'"],
  [
    'what it says of the data',
    (text: string) => text.indexOf('\ndata:') + 1,
    'the run info has no size and checksum of the data',
  ],
])('a run info that was cut before %s is described in the same words by all', async (_, lengthOf, problem) => {
  const folder = films()
  await taskchain(folder, ['run', 'films', 'all'])
  const kept = join(folder, 'data/tasks/films/all')
  const file = join(kept, readdirSync(kept).find((name) => name.endsWith('.run_info.yaml')) ?? '')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.slice(0, lengthOf(text)))
  for (const words of [
    ['why', 'films', 'all'],
    ['info', 'films', 'all'],
    ['verify', '--dry-run'],
  ]) {
    const { out, err } = await taskchain(folder, words)
    expect(`${out}${err}`, words[0]).toContain(problem)
  }
})
