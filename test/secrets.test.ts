// Secrets are shown nowhere: every output of a chain that uses them, and does its best to betray them, is searched for their texts.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Writable } from 'node:stream'
import * as t from 'io-ts'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { winstonLog } from '../src/adapters/log/winston-log.js'
import { fileStore } from '../src/adapters/file-store/file-store.js'
import { checkpoint } from '../src/data/index.js'
import {
  defineObject,
  defineProject,
  defineTask,
  explainText,
  inMemory,
  object,
  openChain,
  param,
  planConfig,
  TaskchainError,
  type Chain,
  type PlanOptions,
  type RunReport,
} from '../src/index.js'
import {
  diffPlans,
  plan as planDocuments,
  planFromJson,
  planToJson,
  printPlan,
  parseDocument,
  toDot,
  toMermaid,
} from '../src/plan/index.js'
import type { RunEvent } from '../src/store/index.js'
import { indexProject } from '../src/plan/names/project-index.js'
import { makeChain } from '../src/runtime/chain/chain.js'
import { systemClock } from '../src/runtime/session/system-clock.js'
import { makeSession } from '../src/runtime/session/session.js'
import { inspectTask, planOf, testTask } from '../src/testing/index.js'

const apiKey = 'sk-FROM-THE-ENVIRONMENT-0123456789-0123456789-0123456789-0123456789-0123456789'
const password = 'direct "quoted" pass/word'
const pin = 90817263
const token = 'tok-in-an-object'
const texts = [apiKey, apiKey.slice(0, 12), password, 'quoted', String(pin), token]

class Client {
  readonly token: string
  readonly host: string
  constructor(token: string, host: string) {
    this.token = token
    this.host = host
  }
}
const HttpClient = defineObject('HttpClient', {
  args: { host: t.string, token: param(t.string, { secret: true }), retries: param(t.number, { default: 3 }) },
}).create(({ host, token }) => new Client(token, host))

const params = {
  apiKey: param(t.string, { secret: true }),
  password: param(t.string, { secret: true, default: 'none' }),
  pin: param(t.union([t.number, t.null]), { secret: true, default: null }),
  client: object(HttpClient),
  limit: param(t.number, { default: 1 }),
}
const betray = (given: { apiKey: string; password: string; pin: number | null; client: Client }): string =>
  `${given.apiKey} ${given.password} ${given.pin} ${given.client.token}`

const fetched = defineTask({ params, data: t.number }).run((given, { log, note }) => {
  log.info(`calling with ${betray(given)}`)
  log.warn('headers', {
    authorization: `Bearer ${given.apiKey}`,
    nested: [{ ...given }],
    error: new Error(betray(given), { cause: new Error(given.password) }),
  })
  log.error('failed', new Error(betray(given)))
  note(given)
  note(`used ${betray(given)}`)
  return betray(given).length
})
const session = defineTask({ params, data: inMemory<Client>() }).run(
  ({ client }, { note }) => (note({ client }), client),
)
const downstream = defineTask({ inputs: { session }, data: t.number }).run(
  ({ session }, { log }) => (log.info(`token ${session.token}`), 1),
)
const failing = defineTask({ params, data: t.number }).run((given) => {
  throw Object.assign(new TypeError(`401: ${betray(given)}`, { cause: new Error(given.apiKey) }), {
    config: { headers: { key: given.apiKey } },
  })
})
const retrying = defineTask({ params, data: t.number, retry: { attempts: 2, delay: 1 } }).run((given) =>
  Promise.reject(new Error(betray(given))),
)
const wrong = defineTask({ params, data: t.array(t.type({ id: t.number, key: t.number })) }).run((given) => [
  { id: 1, key: given.apiKey as never },
])
const long = defineTask({ params, data: t.record(t.string, t.number) }).run((given) => ({
  [given.apiKey]: given.password as never,
}))
const stopping = defineTask({ params, data: checkpoint() }).run((given, { unfinished }) =>
  unfinished(`quota of ${betray(given)}`),
)

const project = defineProject({
  pipelines: { p: { fetched, session, downstream, failing, retrying, wrong, long, stopping } },
  objects: { HttpClient },
  globals: { HOST: 'example.org', KEY_PART: 'tok' },
})
const config = {
  tasks: 'p.*',
  api_key: { env: 'TEST_API_KEY' },
  password,
  pin,
  client: { class: 'HttpClient', kwargs: { host: '{HOST}', token: '{KEY_PART}-in-an-object' } },
}

const searched = (what: string, output: string): void => {
  for (const text of texts)
    expect(
      output.includes(text)
        ? `${what} shows ${text}: …${output.slice(Math.max(0, output.indexOf(text) - 80), output.indexOf(text) + 80)}…`
        : 'nothing',
    ).toBe('nothing')
}
const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())

let root = ''
beforeAll(() => {
  process.env['TEST_API_KEY'] = apiKey
  root = mkdtempSync(join(tmpdir(), 'taskchain-secrets-'))
})
afterAll(() => {
  delete process.env['TEST_API_KEY']
  rmSync(root, { recursive: true, force: true })
})

describe('a chain that betrays what it is told', () => {
  const events: RunEvent[] = []
  let console = ''
  let report: RunReport
  let chain: Chain
  beforeAll(async () => {
    const planned = await planConfig(project, { config, root })
    if (E.isLeft(planned)) throw new Error(JSON.stringify(planned.left))
    const stream = new Writable({ write: (chunk, _, done) => ((console += String(chunk)), done()) })
    const made = makeSession({
      project,
      index: indexProject(project),
      store: fileStore(join(root, 'store')),
      clock: systemClock,
      log: winstonLog({ consoleLevel: 'debug', stream }),
      concurrency: 4,
      listener: (event) => void events.push(event),
    }) // oxfmt-ignore
    chain = makeChain(made, planned.right)
    report = await chain.run()
  })

  test('runs with the values', async () => {
    expect([...report.computed].sort()).toEqual(['p:downstream', 'p:fetched', 'p:session'])
    expect(await chain.value('fetched')).toBe(`${apiKey} ${password} ${pin} ${token}`.length)
    expect(report.failed.map((error) => error._tag).sort()).toEqual([
      'TaskFailed',
      'TaskFailed',
      'WrongResult',
      'WrongResult',
    ])
    expect(report.unfinished).toEqual([{ node: 'p:stopping', reason: 'quota of *** *** *** ***' }])
  })

  test('leaves nothing in the store: run infos, logs, failed logs', () => {
    const files = filesBelow(join(root, 'store'))
    expect(files.filter((path) => path.endsWith('.failed.log'))).toHaveLength(4)
    expect(files.filter((path) => path.endsWith('.run_info.yaml')).length).toBeGreaterThanOrEqual(3)
    for (const path of files) searched(path, readFileSync(path, 'utf8'))
    expect(files.some((path) => readFileSync(path, 'utf8').includes('***'))).toBe(true)
  })

  test('shows nothing on the console, in events and in the report', () => {
    expect(console).toContain('calling with *** *** *** ***')
    searched('console', console)
    searched('events', inspect(events, { depth: 20, showHidden: true, maxStringLength: null }))
    searched('events as JSON', JSON.stringify(events))
    searched(
      'report',
      inspect(report, { depth: 20, showHidden: true, maxStringLength: null }) +
        report.failed.map(explainText).join('\n'),
    )
  })

  test('shows nothing in what a chain is asked', async () => {
    const { plan } = chain
    const answers = {
      plan: inspect(plan, { depth: 20, showHidden: true }),
      json: planToJson(plan),
      printed: printPlan(plan),
      drawn: toDot(plan) + toMermaid(plan) + (await chain.draw()),
      table: JSON.stringify(await chain.tasks()),
      infos: JSON.stringify(await Promise.all(plan.nodes.map((node) => chain.task(node.id as never).runInfo()))),
      logs: (
        await Promise.all(
          plan.nodes.flatMap((node) => [
            chain.task(node.id as never).log(),
            chain.task(node.id as never).log('failed'),
          ]),
        )
      ).join('\n'),
      diff: inspect(diffPlans(plan, { nodes: [] }), { depth: 20 }),
    }
    for (const [what, text] of Object.entries(answers)) searched(what, text)
    expect(answers.logs).toContain('***')
    expect(answers.printed).toContain('  apiKey = { "env": "TEST_API_KEY", "secret": true }\n')
    expect(answers.printed).toContain('  password = { "secret": true }\n')
  })

  test('rejects with errors that show nothing, and keep their class', async () => {
    for (const name of ['failing', 'retrying', 'wrong', 'long', 'stopping']) {
      const error = await chain.value(name as never).then(
        () => undefined,
        (cause: unknown) => cause,
      )
      expect(error).toBeInstanceOf(TaskchainError)
      searched(
        name,
        inspect(error, { depth: 20, showHidden: true, maxStringLength: null }) +
          explainText((error as TaskchainError).errors[0]),
      )
      if (name === 'failing') expect((error as TaskchainError).cause).toBeInstanceOf(TypeError)
    }
  })
})

const planned = (more: object, options: Partial<PlanOptions> = {}) =>
  planConfig(project, { config: { ...config, tasks: 'p.fetched', ...more }, root, ...options })
const planOrThrow = async (more: object = {}, options: Partial<PlanOptions> = {}) => {
  const outcome = await planned(more, options)
  if (E.isLeft(outcome)) throw new Error(outcome.left.map(explainText).join('\n'))
  return outcome.right
}

describe('the key', () => {
  test('does not know secrets: changing one, or where it comes from, recomputes nothing', async () => {
    const key = (await planOrThrow()).nodes[0]?.key
    expect((await planOrThrow({ password: 'another one', pin: 1234, api_key: 'given directly' })).nodes[0]?.key).toBe(
      key,
    )
    expect(
      (await planOrThrow({ client: { class: 'HttpClient', args: ['{HOST}', { env: 'TEST_API_KEY' }] } })).nodes[0]
        ?.params['client'],
    ).toEqual({
      class: 'HttpClient',
      kwargs: { host: '{HOST}', retries: 3, token: { secret: true, env: 'TEST_API_KEY' } },
    })
    expect((await planOrThrow({ limit: 2 })).nodes[0]?.key).not.toBe(key)
  })

  test('a default is said to be one', async () => {
    const { password: _, pin: __, ...rest } = config
    const outcome = await planConfig(project, { config: { ...rest, tasks: 'p.fetched' }, root })
    expect(E.isRight(outcome) && outcome.right.nodes[0]?.params).toMatchObject({
      password: { secret: true, default: true },
      pin: { secret: true, default: true },
    })
  })
})

describe('what is wrong with secrets is told without them', () => {
  test.each([
    [
      'a variable that is not set',
      { api_key: { env: 'TEST_API_KEYS' } },
      {},
      "the environment variable 'TEST_API_KEYS' is not set\n  did you mean 'TEST_API_KEY'?",
    ],
    [
      'one in an object',
      { client: { class: 'HttpClient', kwargs: { host: 'x', token: { env: 'TEST_NONE' } } } },
      {},
      "param 'client' of 'p:fetched': the environment variable 'TEST_NONE' is not set",
    ],
    [
      'a codec that refuses',
      { pin: password },
      {},
      'its codec, (number | null), does not take its value, which is secret and not shown',
    ],
    [
      'a codec that refuses a variable',
      { pin: { env: 'TEST_API_KEY' } },
      {},
      'does not take the text of TEST_API_KEY, which is secret and not shown',
    ],
    [
      'an argument of the wrong type',
      { client: { class: 'HttpClient', kwargs: { host: 'x', token: [token] } } },
      {},
      'its codec, string, does not take its value',
    ],
    [
      'an object in a list that should be none',
      { client: [{ class: 'HttpClient', kwargs: { host: 'x', token } }] },
      {},
      "param 'client' of 'p:fetched'",
    ],
    [
      'another argument beside it',
      { client: { class: 'HttpClient', kwargs: { host: 5, token } } },
      {},
      'expected string, got 5',
    ],
    [
      'a path into a text',
      {},
      { set: { 'password.x': 1 } },
      "must be a path into a map or a list, not one into the text '***",
    ],
    ['a context', {}, { context: { 'client.kwargs.token.deep': 1, pin: token } }, 'path into a map'],
    ['a null', { api_key: null }, {}, "name an environment variable that holds it, 'api_key: { env: NAME }'"],
  ])('%s', async (_, more, options, message) => {
    const outcome = await planned(more, options)
    const told = E.isLeft(outcome) ? outcome.left : outcome.right.warnings
    expect(told.map(explainText).join('\n')).toContain(message)
    searched('errors and warnings', told.map(explainText).join('\n') + JSON.stringify(told))
  })

  test('a value whose class is no name is an error or a value, never a crash', async () => {
    for (const name of [{ toString: {} }, { toString: 1 }, [1], null])
      expect((await planned({ unread: { class: name, args: ['x'] } }))._tag).toMatch(/^(?:Left|Right)$/)
  })

  test('warnings about how it is written do not quote it', () => {
    const text =
      'tasks: p.fetched\napi_key: 0o17\npassword: "{HOSTS} 0123456"\npin: 01234567\nclient: { class: HttpClient, kwargs: { host: x, token: tok } }\n'
    const document = parseDocument('a.yaml', text)
    if (E.isLeft(document)) throw new Error('unread')
    const outcome = planDocuments(
      defineProject({ objects: { HttpClient }, pipelines: { p: { fetched } }, globals: { HOST: 'example.org' } }),
      new Map([['a.yaml', document.right]]),
      { entry: 'a.yaml' },
    )
    const told = JSON.stringify(E.isLeft(outcome) ? outcome.left : outcome.right)
    for (const part of ['01234567', '1234567', '{HOSTS} 0123456']) expect(told).not.toContain(part)
  })
})

describe('a plan that was sent elsewhere', () => {
  const revived = async (more: object) => {
    const read = planFromJson(planToJson(await planOrThrow(more)))
    if (E.isLeft(read)) throw new Error('unread')
    const made = makeSession({
      project,
      index: indexProject(project),
      store: fileStore(join(root, 'elsewhere')),
      clock: systemClock,
      log: winstonLog({ consoleLevel: 'silent' }),
      concurrency: 1,
    })
    return makeChain(made, read.right)
  }

  test('finds secrets by their variables', async () => {
    const chain = await revived({
      password: { env: 'TEST_API_KEY' },
      pin: null,
      client: { class: 'HttpClient', kwargs: { host: 'x', token: { env: 'TEST_API_KEY' } } },
      limit: 7,
    }).catch((error: unknown) => error)
    expect(chain).not.toBeInstanceOf(Error)
  })

  test('lacks those given directly, and says what to do', async () => {
    const chain = await revived({ limit: 8 })
    await expect(chain.value('fetched')).rejects.toThrow(
      'its value was given directly, and plans hold no secrets: refer to a variable, { env: NAME }',
    )
  })
})

describe('the testing kit', () => {
  test('takes secrets like any param, and shows them no more than a chain', async () => {
    const given = { apiKey, password, pin, client: { class: 'HttpClient', kwargs: { host: 'x', token } } }
    expect(await testTask(fetched, { params: given, objects: { HttpClient } })).toBe(
      `${apiKey} ${password} ${pin} ${token}`.length,
    )
    const { notes, log } = await inspectTask(fetched, { params: given, objects: { HttpClient } })
    searched('inspected', JSON.stringify({ notes, log }))
  })

  test('looks references up in what it is given', () => {
    const spec = {
      tasks: { p: { fetched } },
      objects: { HttpClient },
      params: { api_key: { env: 'ELSEWHERE' }, client: { class: 'HttpClient', args: ['x', 'y'] } },
    }
    expect(printPlan(planOf({ ...spec, environment: { ELSEWHERE: 'x' } }))).toContain(
      'apiKey = { "env": "ELSEWHERE", "secret": true }',
    )
    expect(planOf({ ...spec, environment: {} }).warnings.map(explainText)).toEqual([
      expect.stringContaining("the environment variable 'ELSEWHERE' is not set"),
    ])
    expect(() => planOf(spec)).not.toThrow()
  })
})

test('openChain gives the same', async () => {
  const chain = await openChain(project, {
    config: { ...config, tasks: 'p.fetched', limit: 9 },
    root,
    store: join(root, 'opened'),
    logLevel: 'silent',
  })
  expect(await chain.value('fetched')).toBeGreaterThan(0)
  await chain.close()
  for (const path of filesBelow(join(root, 'opened'))) searched(path, readFileSync(path, 'utf8'))
})

describe('a secret whose variable is not set', () => {
  const source = defineTask({ data: t.number }).run(() => 20)
  const needing = defineTask({
    inputs: { source },
    params: { apiKey: param(t.string, { secret: true }) },
    data: t.number,
  }).run(({ source, apiKey }) => source + apiKey.length)
  const calling = defineTask({ params: { client: object(HttpClient) }, data: t.string }).run(
    ({ client }) => client.host,
  )
  const after = defineTask({ inputs: { needing }, data: t.number }).run(({ needing }) => needing + 1)
  const free = defineTask({ inputs: { source }, data: t.number }).run(({ source }) => source * 2)
  const unset = defineProject({ pipelines: { u: { source, needing, calling, after, free } }, objects: { HttpClient } })
  const open = (store: string, name = 'TEST_NOT_SET_AT_ALL') =>
    openChain(unset, {
      config: {
        tasks: 'u.*',
        api_key: { env: name },
        client: { class: 'HttpClient', kwargs: { host: 'example.org', token: { env: name } } },
      },
      root,
      store: join(root, store),
      logLevel: 'silent',
    })

  test('is a warning of the plan, that survives JSON', async () => {
    const { plan } = await open('unset-plan')
    expect(plan.warnings.map((warning) => explainText(warning).split('\n')[0])).toEqual([
      "config: param 'client' of 'u:calling': the environment variable 'TEST_NOT_SET_AT_ALL' is not set",
      "config: param 'apiKey' of 'u:needing': the environment variable 'TEST_NOT_SET_AT_ALL' is not set",
    ])
    expect(planFromJson(planToJson(plan))).toEqual(E.right(plan))
  })

  test('fails only what needs it to run, by name, with nothing computed for it', async () => {
    const chain = await open('unset-value')
    await expect(chain.value(after)).rejects.toThrow(
      "task 'u:needing' cannot run: the environment variable 'TEST_NOT_SET_AT_ALL' of its secret 'apiKey' is not set",
    )
    expect(await chain.task(source).hasData()).toBe(false)
    const report = await chain.run()
    expect([...report.computed].sort()).toEqual(['u:free', 'u:source'])
    expect(report.failed.map((error) => [error._tag, 'node' in error && error.node]).sort()).toEqual([
      ['SecretNotSet', 'u:calling'],
      ['SecretNotSet', 'u:needing'],
    ])
    expect(report.skipped).toEqual([{ node: 'u:after', because: ['u:needing'] }])
  })

  test('is not missed where the result is stored; one that is empty counts as not set', async () => {
    process.env['TEST_SET_ONCE'] = 'abcde'
    const before = await open('unset-stored', 'TEST_SET_ONCE')
    expect([await before.value(needing), await before.value(calling)]).toEqual([25, 'example.org'])
    process.env['TEST_SET_ONCE'] = ''
    const chain = await open('unset-stored', 'TEST_SET_ONCE')
    expect([await chain.value(needing), await chain.value(calling), await chain.value(after)]).toEqual([
      25,
      'example.org',
      26,
    ])
    await chain.force([needing])
    await expect(chain.value(needing)).rejects.toThrow("'TEST_SET_ONCE' of its secret 'apiKey' is empty")
    delete process.env['TEST_SET_ONCE']
  })
})

describe('an object as default, of a class with a secret argument', () => {
  class Service {
    readonly said: string
    constructor(key: string, host: string) {
      this.said = `${key} at ${host}`
    }
  }
  const Known = defineObject('Known', {
    args: { key: param(t.string, { secret: true, default: 'class-default' }), host: param(t.string, { default: 'x' }) },
  }).create(({ key, host }) => new Service(key, host))
  const Needing = defineObject('Needing', { args: { key: param(t.string, { secret: true }), host: t.string } }).create(
    ({ key, host }) => new Service(key, host),
  )
  const Around = defineObject('Around', {
    args: { inner: param(object(Known), { default: Known.of({ key: 'literal-inside' }) }) },
  }).create(({ inner }) => inner)
  const said = (fallback: Service) =>
    defineTask({ params: { service: param(object<Service>(), { default: fallback }) }, data: t.string }).run(
      ({ service }, { log }) => (log.info(service.said), service.said),
    )
  const own = defineProject({
    pipelines: {
      o: {
        none: said(Known.of({})),
        some: said(Known.of({ host: 'y' })),
        literal: said(Needing.of({ key: 'literal-secret', host: 'z' })),
        around: said(Around.of({})),
      },
    },
    objects: { Known, Needing, Around },
  })
  const open = (config: object = {}, name = 'defaults') =>
    openChain(own, { config: { tasks: 'o.*', ...config }, root, store: join(root, name), logLevel: 'silent' })

  test('is taken as it is declared, and its secrets are in no plan and no log', async () => {
    const chain = await open()
    expect(await Promise.all(['none', 'some', 'literal', 'around'].map((name) => chain.value(name as never)))).toEqual([
      'class-default at x',
      'class-default at y',
      'literal-secret at z',
      'literal-inside at x',
    ])
    expect(
      JSON.stringify([chain.plan, await chain.task('literal').log(), await chain.task('literal').runInfo()]),
    ).not.toMatch(/literal-secret|literal-inside/)
    expect(chain.plan.nodes.find(({ name }) => name === 'literal')?.params).toEqual({
      service: { class: 'Needing', kwargs: { key: { secret: true, default: true }, host: 'z' } },
    })
  })

  test('is hidden where it is a text of the declaration, unless it is as short as a word', async () => {
    const text = defineTask({
      params: {
        phrase: param(t.string, { secret: true, default: 'default-passphrase' }),
        other: param(t.string, { secret: true, default: 'none' }),
        service: param(object<Service>(), { default: Known.of({}) }),
      },
      data: t.number,
    }).run(({ phrase, other, service }, { log }) => (log.info(`${phrase} ${other} ${service.said}`), 1))
    const texts = defineProject({ pipelines: { o: { text } }, objects: { Known } })
    const chain = await openChain(texts, {
      config: { tasks: 'o.*' },
      root,
      store: join(root, 'defaults-of-text'),
      logLevel: 'silent',
    })
    await chain.run()
    expect(await chain.task('text').log()).toContain('*** none *** at x')
    await chain.close()
  })

  test('is found again where a plan was sent, and gives way to what a config says', async () => {
    const read = planFromJson(planToJson((await open()).plan))
    if (E.isLeft(read)) throw new Error('unread')
    const made = makeSession({
      project: own,
      index: indexProject(own),
      store: fileStore(join(root, 'defaults-elsewhere')),
      clock: systemClock,
      log: winstonLog({ consoleLevel: 'silent' }),
      concurrency: 1,
    })
    expect(await makeChain(made, read.right).value('literal')).toBe('literal-secret at z')
    const chain = await open(
      { service: { class: 'Needing', kwargs: { key: 'from-the-config', host: 'z' } } },
      'defaults-given',
    )
    await expect(chain.value('literal')).resolves.toBe('from-the-config at z')
  })

  test('is taken by the testing kit as well', async () => {
    const task = defineTask({ params: { client: object(HttpClient) }, data: t.number }).run(
      ({ client }, { log }) => (log.info(`with ${client.token}`), client.token.length),
    )
    const { value, log } = await inspectTask(task, {
      params: { client: HttpClient.of({ host: 'x', token }) },
      objects: { HttpClient },
    })
    expect([value, log.map(({ message }) => message)]).toEqual([token.length, ['with ***']])
  })

  test('that lacks its secret is refused by name', async () => {
    const lacking = defineProject({ pipelines: { o: { one: said(Needing.of({ host: 'z' })) } }, objects: { Needing } })
    const outcome = await planConfig(lacking, { config: { tasks: 'o.*' }, root })
    expect(E.isLeft(outcome) ? outcome.left.map(explainText).join() : 'planned').toContain(
      "its codec does not accept its own default (object): Needing needs the argument 'key'",
    )
  })
})
