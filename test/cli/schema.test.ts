// `taskchain schema` over real projects: the movies example, and what `init` writes. File and secret params through the
// command as well.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { parse } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, remove, root, taskchain, write } from './fixture.js'

const movies = join(root, 'examples/movies')
const folders: string[] = []
const fresh = (packages?: readonly string[]): string => {
  const folder = emptyFolder(packages)
  folders.push(folder)
  return folder
}
beforeAll(builtOnce, 120_000)
afterAll(() => folders.forEach(remove))

const compiled = (text: string): ValidateFunction =>
  new Ajv({ strict: true, strictTuples: false, strictTypes: false, strictRequired: false, allErrors: true }).compile(
    JSON.parse(text) as object,
  )
const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => /\.(ya?ml|json)$/.test(path))
const read = (path: string): Readonly<Record<string, unknown>> =>
  parse(readFileSync(path, 'utf8'), { merge: true }) as Readonly<Record<string, unknown>>

describe('the movies example', () => {
  let configs: ValidateFunction
  let contexts: ValidateFunction
  beforeAll(async () => {
    const [first, second] = await Promise.all([
      taskchain(movies, ['schema']),
      taskchain(movies, ['schema', '--contexts']),
    ])
    expect([first.code, first.err, second.code]).toEqual([0, '', 0])
    configs = compiled(first.out)
    contexts = compiled(second.out)
  })

  test('every config and every context fits', () => {
    const found = filesBelow(join(movies, 'configs'))
    expect(found.length).toBeGreaterThan(8)
    for (const path of found) expect([path, configs(read(path)), configs.errors]).toEqual([path, true, null])
    for (const path of filesBelow(join(movies, 'contexts')))
      expect([path, contexts(read(path)), contexts.errors]).toEqual([path, true, null])
  })

  test('and none with a slip in any of its names, or with a value of another type', () => {
    for (const path of filesBelow(join(movies, 'configs'))) {
      const config = read(path)
      for (const name of Object.keys(config)) {
        const { [name]: value, ...rest } = config
        expect([path, name, configs({ ...rest, [`${name.slice(0, -1)}_`]: value })]).toEqual([path, name, false])
        expect([path, name, configs({ ...rest, [name]: { not: { so: 1 } } })]).toEqual([path, name, false])
      }
    }
  })

  test('slips inside of values are found as well', () => {
    const config = read(join(movies, 'configs/rating_model/all_features/knn.yaml'))
    expect(configs({ ...config, model: { class: 'NearestNeighbors', kwargs: { k: 20 } } })).toBe(false)
    expect(configs({ ...config, model: { class: 'NearestNeighbours', kwargs: { neighbours: 20 } } })).toBe(false)
    expect(configs({ ...config, tasks: 'rating_models.test_metrics' })).toBe(false)
    expect(configs({ ...read(join(movies, 'configs/features/basic.yaml')), feature_types: ['year', 'gener'] })).toBe(
      false,
    )
  })
})

describe('the command', () => {
  test('writes a file, and JSON documents like the others', async () => {
    const folder = fresh()
    write(folder, {
      'package.json': '{ "type": "module" }',
      'taskchain.config.js':
        "import { defineProject } from 'taskchain'\nexport default defineProject({ pipelines: {} })\n",
    })
    expect(await taskchain(folder, ['schema', '-o', 'made.json'])).toMatchObject({
      code: 0,
      out: '',
      err: 'schema written to made.json\n',
    })
    const text = readFileSync(join(folder, 'made.json'), 'utf8')
    expect((await taskchain(folder, ['schema'])).out).toBe(text)
    expect(JSON.parse((await taskchain(folder, ['schema', '--json'])).out)).toEqual({
      schema: 1,
      jsonSchema: JSON.parse(text) as unknown,
    })
    expect(JSON.parse((await taskchain(folder, ['schema', '--json', '-o', 'made.json'])).out)).toEqual({
      schema: 1,
      file: 'made.json',
    })
    expect(await taskchain(folder, ['schema', '-o', 'no/where.json'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('--output no/where.json') as string,
    })
  })

  test('init writes the same file as schema does there, and configs that name it', async () => {
    const folder = fresh(['taskchain', 'io-ts', 'fp-ts'])
    expect((await taskchain(folder, ['init'])).code).toBe(0)
    const written = readFileSync(join(folder, 'taskchain.schema.json'), 'utf8')
    expect((await taskchain(folder, ['schema'])).out).toBe(written)
    const valid = compiled(written)
    for (const path of filesBelow(join(folder, 'configs'))) {
      expect(readFileSync(path, 'utf8').split('\n')[0]).toBe('# yaml-language-server: $schema=../taskchain.schema.json')
      expect(valid(read(path))).toBe(true)
    }
    expect(valid({ ...read(join(folder, 'configs/poem.yaml')), topp: 3 })).toBe(false)
  })

  test('a JSON config may name its schema', async () => {
    const folder = fresh(['taskchain', 'io-ts', 'fp-ts'])
    await taskchain(folder, ['init'])
    write(folder, {
      'configs/p.json':
        '{ "$schema": "../taskchain.schema.json", "tasks": "words.*", "source_file": "texts/poem.txt" }',
    })
    expect(await taskchain(folder, ['plan', 'p'])).toMatchObject({ code: 0, err: '' })
  })
})

describe('files and secrets', () => {
  const secret = 'sk-live-0123456789'
  const direct = 'swordfish-direct'
  const files = {
    'package.json': '{ "type": "module" }',
    'taskchain.config.js':
      "import { defineProject } from 'taskchain'\nimport * as p from './tasks.js'\nexport default defineProject({ pipelines: { p } })\n",
    'tasks.js': `import { readFile } from 'node:fs/promises'
import * as t from 'io-ts'
import { defineTask, file, param } from 'taskchain'
const params = { apiKey: param(t.string, { secret: true }), password: param(t.string, { secret: true, default: '' }) }
export const rows = defineTask({ params: { source: file, ...params }, data: t.array(t.string) }).run(async ({ source, apiKey, password }, { log, note }) => {
  log.warn('calling with ' + apiKey + ' and ' + password, { headers: { apiKey } })
  note({ apiKey, password })
  return (await readFile(source, 'utf8')).trim().split('\\n')
})
export const failing = defineTask({ params, data: t.number }).run(({ apiKey, password }) => { throw new Error('401 for ' + apiKey + ':' + password) })
export const wrong = defineTask({ params, data: t.number }).run(({ apiKey }) => ({ apiKey }))
`,
    'rows.txt': 'one\ntwo\n',
    'configs/a.yaml': `tasks: p.*\nsource: rows.txt\napi_key: { env: CLI_API_KEY }\npassword: ${direct}\n`,
    'configs/b.yaml': `tasks: p.*\nsource: row.txt\napi_key: { env: CLI_API_KEYS }\npassword: [${direct}]\n`,
  }

  test('are shown by no command, in text or JSON, and kept nowhere', async () => {
    const folder = fresh()
    write(folder, files)
    const outputs: string[] = []
    const run = async (
      words: readonly string[],
      environment: Readonly<Record<string, string>> = { CLI_API_KEY: secret },
    ): Promise<number | null> => {
      const { code, out, err } = await taskchain(folder, words, environment)
      outputs.push(`${words.join(' ').replace(direct, '…')}\n${out}\n${err}`)
      return code
    }
    expect(await run(['run', 'a', '--log-level', 'debug'])).toBe(1)
    expect(outputs[0]).toContain('calling with *** and ***')
    expect(outputs[0]).toContain('401 for ***:***')
    for (const words of [
      ['plan', 'a'],
      ['plan', 'a', '--json'],
      ['run', 'a', '--json'],
      ['run', 'a', '--force', 'p:rows'],
      ['tasks', 'a'],
      ['tasks', 'a', '--json'],
      ['info', 'a', 'rows'],
      ['info', 'a', 'rows', '--json'],
      ['log', 'a', 'rows'],
      ['log', 'a', 'failing', '--failed', '--json'],
      ['draw', 'a'],
      ['draw', 'a', '--dot'],
      ['why', 'a', 'rows'],
      ['why', 'a', 'rows', '--json'],
      ['diff', 'a', 'b'],
      ['check'],
      ['check', '--json'],
      ['plan', 'b'],
      ['plan', 'b', '--json'],
      ['schema'],
      ['plan', 'a', '--set', `password.x=${direct}`],
      ['sweep', 'a', '--set', 'source=rows.txt,tasks.js', '--dry-run'],
      ['show', 'a', 'rows', '--json'],
    ])
      await run(words)
    for (const output of outputs)
      expect([secret, direct].filter((text) => output.includes(text)).map((text) => `${text} in: ${output}`)).toEqual(
        [],
      )
    expect(outputs.find((output) => output.startsWith('plan a --json'))).toContain('"secret": true')
    const refused = outputs.find((output) => output.startsWith('plan b\n'))
    expect(refused).toMatch(/warning: configs\/b\.yaml:3:10: .*'CLI_API_KEYS' is not set[^]*did you mean 'CLI_API_KEY'/)
    expect(refused).toMatch(
      /configs\/b\.yaml:2:9: .*'row\.txt' cannot be read[^]*did you mean 'rows\.txt'[^]*configs\/b\.yaml:4:11: .*secret and not shown/,
    )
    const kept = readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, 'data', name))
      .filter((path) => statSync(path).isFile())
    rmSync(join(folder, 'configs/b.yaml'))
    expect(await run(['gc'], {})).toBe(0) // keys do not depend on secrets
    expect(kept.length).toBeGreaterThan(4)
    for (const path of kept)
      expect(
        [secret, direct]
          .filter((text) => readFileSync(path, 'utf8').includes(text))
          .map((text) => `${text} in ${path}`),
      ).toEqual([])
  }, 300_000)

  test('a file that changes is planned to run again', async () => {
    const folder = fresh()
    write(folder, { ...files, 'configs/a.yaml': 'tasks: p.rows\nsource: rows.txt\napi_key: x\n' })
    const states = async (): Promise<unknown> =>
      (JSON.parse((await taskchain(folder, ['plan', 'a', '--json'])).out) as { nodes: { state: string }[] }).nodes.map(
        ({ state }) => state,
      )
    expect((await taskchain(folder, ['run', 'a'])).code).toBe(0)
    expect(await states()).toEqual(['cached'])
    writeFileSync(join(folder, 'rows.txt'), 'one\ntwo\nthree\n')
    expect(await states()).toEqual(['to_run'])
    writeFileSync(join(folder, 'rows.txt'), 'one\ntwo\n')
    expect(await states()).toEqual(['cached'])
  })
})
