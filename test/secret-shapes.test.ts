// Secrets of every shape, pushed through every way out of a task by one that does its best to betray them. What comes out is decoded in all the ways
// that a reader could think of, and searched.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import * as fc from 'fast-check'
import * as t from 'io-ts'
import { afterAll, expect, test } from 'vitest'
import { fileStore } from '../src/adapters/file-store/file-store.js'
import { winstonLog } from '../src/adapters/log/winston-log.js'
import { checkpoint, json } from '../src/data/index.js'
import { defineProject, defineTask, explainText, inMemory, param, planConfig, TaskchainError } from '../src/index.js'
import type { RunEvent } from '../src/store/index.js'
import { jsonDocument } from '../src/cli/json-output.js'
import { indexProject } from '../src/plan/names/project-index.js'
import { makeChain } from '../src/runtime/chain/chain.js'
import { systemClock } from '../src/runtime/session/system-clock.js'
import { makeSession } from '../src/runtime/session/session.js'

const folder = mkdtempSync(join(tmpdir(), 'taskchain-shapes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

class Client {
  readonly #key: string
  constructor(key: string) {
    this.#key = key
  }
  toJSON(): object {
    return { key: this.#key }
  }
}
class Loud extends Error {
  readonly #key: string
  constructor(key: string) {
    super('loud')
    this.#key = key
  }
  [inspect.custom](): string {
    return `Loud with ${this.#key}`
  }
  override toString(): string {
    return `as text ${this.#key}`
  }
  toJSON(): object {
    return { said: this.#key }
  }
}
class Getting extends Error {
  readonly #key: string
  constructor(key: string) {
    super()
    this.#key = key
    delete (this as { message?: string }).message
  }
  override get message(): string {
    return `got ${this.#key}`
  }
}

/** Says no to whoever wants to look into it. */
const refusing = (key: string): object =>
  new Proxy(
    { key },
    {
      ownKeys: () => {
        throw new Error(key)
      },
    },
  )

/** Values that hold a secret, or say it when they are asked. */
const betrayals = (key: string): readonly unknown[] => {
  const circle: { key: string; self?: unknown } = { key }
  circle.self = circle
  const bytes = Buffer.from(key, 'utf8')
  const aggregate = new AggregateError([new Error(key), new Error('x', { cause: key })], 'several')
  return [
    key,
    `before ${key} after`,
    `${key}${key}`,
    JSON.stringify({ key }),
    JSON.stringify(JSON.stringify({ key })),
    { [key]: 1 },
    { deep: [{ [key]: { key } }] },
    encodeURIComponent(key),
    new URL(`https://example.org/path?key=${key}`),
    new URL(`https://example.org/?${new URLSearchParams({ key })}`),
    new URLSearchParams({ key }),
    Object.assign(new URL('https://example.org'), { pathname: key, username: key }),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    Buffer.from(`a${key}b`).toString('base64'),
    Buffer.from(`ab${key}`).toString('base64'),
    Buffer.from(`user:${key}`).toString('base64url'),
    bytes.toString('hex'),
    bytes,
    new Client(key),
    { client: new Client(key) },
    new Loud(key),
    new Getting(key),
    aggregate,
    new Error('outer', { cause: new Error('middle', { cause: aggregate }) }),
    Object.assign(new Error('with fields'), { config: { headers: new Map([[key, new Set([key])]]) } }),
    circle,
    Promise.resolve(key),
    new RegExp(key.replace(/[\\^$.*+?()[\]{}|/\n\r-]/g, '.')),
    { toJSON: () => key },
    { [inspect.custom]: () => key },
    { toString: () => key },
    Object(key),
    Symbol(key),
    { [key]: () => 1 },
    { list: Object.assign([1], { note: key }) },
    Object.defineProperty(new Error('hidden field'), 'request', { value: { key }, enumerable: false }),
    Object.defineProperty({}, 'lazy', { enumerable: true, get: () => key }),
    Object.assign(() => 1, { key }),
    { [key]: () => 1 }[key],
    new ({ [key]: class {} }[key] as new () => object)(),
    Object.create(null, { key: { value: key, enumerable: true } }),
    refusing(key),
    new Proxy(new Error(key), {}),
    new Map([[key, key]]).entries(),
    new Headers({ authorization: encodeURIComponent(key) }),
    Uint16Array.from([...key], (letter) => letter.charCodeAt(0)),
    bytes.join(','),
    new SharedArrayBuffer(8),
  ] // oxfmt-ignore
}

/** Everything that an output could be read as. */
const readings = (output: string): readonly string[] => {
  const unescaped = (text: string): string =>
    text.replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/g, (_, long?: string, short?: string, letter = '') =>
      (long ?? short)
        ? String.fromCharCode(parseInt((long ?? short) as string, 16))
        : (({ n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v' } as Record<string, string>)[letter] ?? letter),
    )
  const bytesOf = (text: string): string =>
    Buffer.from(
      text.replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))),
      'latin1',
    ).toString('utf8')
  const percent = output.replace(/(?:%[0-9a-fA-F]{2})+/g, bytesOf)
  const runs = output.match(/[A-Za-z0-9+/_-]{6,}/g) ?? []
  const decoded = runs.flatMap((run) =>
    [0, 1, 2, 3].map((from) => Buffer.from(run.slice(from), 'base64').toString('utf8')),
  )
  const hexed = (output.match(/(?:[0-9a-f]{2}){4,}/gi) ?? []).map((run) => Buffer.from(run, 'hex').toString('utf8'))
  return [
    output,
    unescaped(output),
    unescaped(unescaped(output)),
    percent,
    percent.replaceAll('+', ' '),
    unescaped(percent),
    output.replace(/\n {2,}/g, '\n'),
    decoded.join('\n'),
    hexed.join('\n'),
  ]
}

const expectNone = (what: string, output: string, keys: readonly string[]): void => {
  const read = readings(output)
  for (const key of keys)
    for (const line of [
      key,
      ...key
        .slice(0, 5000)
        .split(/\r?\n/)
        .map((one) => one.trim())
        .filter((one) => one.length >= 8)
        .slice(0, 30),
    ])
      for (const text of read) {
        const at = text.indexOf(line)
        if (at >= 0)
          expect.fail(
            `${what} shows ${JSON.stringify(line.slice(0, 40))}: …${JSON.stringify(text.slice(Math.max(0, at - 200), at + 80))}…`,
          )
      }
}

const params = { keys: param(t.array(t.string), { secret: true }), part: param(t.number, { default: 0 }) }
const told = defineTask({ params, data: t.number }).run(({ keys, part }, { log, note, progress }) => {
  for (const key of keys)
    for (const value of betrayals(key)) {
      if (typeof value === 'string') log.info(value)
      log.warn('details', { value })
      if (typeof value === 'object') log.error('as details', value as object)
      note(value)
      note({ value, nested: [value] })
      progress(value as never, value as never)
    }
  return part
})
const howManyFail = 52
const failures = Array.from({ length: howManyFail }, (_, position) =>
  defineTask({
    name: `failing_${position}`,
    params,
    data: t.number,
    retry: { attempts: position % 7 === 0 ? 2 : 1, delay: 1 },
  }).run(({ keys }) => {
    const thrown = betrayals(keys[position % keys.length] as string)
    throw thrown[position % thrown.length]
  }),
)
const wrong = defineTask({ params, data: json(t.record(t.string, t.type({ id: t.number }))) }).run(
  ({ keys }) => Object.fromEntries(keys.map((key) => [key, { id: key }])) as never,
)
const stopping = defineTask({ params, data: checkpoint() }).run(({ keys }, { unfinished }) =>
  unfinished(`quota of ${keys.join(' ')}`),
)
const held = defineTask({ params, data: inMemory<readonly unknown[]>() }).run(
  ({ keys }, { note }) => (note(keys), keys.flatMap(betrayals)),
)
const reading = defineTask({ inputs: { held }, data: t.number }).run(
  ({ held }, { log }) => (held.forEach((value) => log.info('an input', { value })), 1),
)
const late = defineTask({ inputs: { wrong }, data: t.number }).run(({ wrong }) => Object.keys(wrong).length)

const project = defineProject({
  pipelines: {
    p: {
      told,
      wrong,
      stopping,
      held,
      reading,
      late,
      ...Object.fromEntries(failures.map((task, position) => [`failing${position}`, task])),
    },
  },
})

/** As JSON says it; nothing where it cannot, since a task may throw a circle. */
const asJson = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}

const asText = (value: unknown): string => {
  try {
    return String(value)
  } catch {
    return ''
  }
}

const outputsOf = async (keys: readonly string[], root: string): Promise<ReadonlyMap<string, string>> => {
  const planned = await planConfig(project, { config: { tasks: 'p.*', keys }, root })
  if (E.isLeft(planned)) throw new Error(planned.left.map(explainText).join('\n'))
  const events: RunEvent[] = []
  let shown = ''
  const stream = new Writable({ write: (chunk, _, done) => ((shown += String(chunk)), done()) })
  const session = makeSession({
    project,
    index: indexProject(project),
    store: fileStore(join(root, 'store')),
    clock: systemClock,
    log: winstonLog({ consoleLevel: 'debug', stream }),
    concurrency: 4,
    listener: (event) => void events.push(event),
  })
  const chain = makeChain(session, planned.right)
  const report = await chain.run()
  expect([report.computed.length, report.failed.length, report.unfinished.length]).toEqual([3, howManyFail + 1, 1])
  const rejected = await Promise.all(
    planned.right.nodes.map((node) =>
      chain
        .task(node.id as never)
        .value()
        .then(
          () => undefined,
          (cause: unknown) => cause,
        ),
    ),
  )
  const everything = { depth: 30, showHidden: true, maxStringLength: null, maxArrayLength: null, getters: true }
  const files = readdirSync(join(root, 'store'), { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, 'store', name))
    .filter((path) => statSync(path).isFile())
  expect(files.length).toBeGreaterThan(40)
  return new Map([
    ...files.map((path) => [path, readFileSync(path, 'utf8')] as const),
    ['console', shown],
    ['events', inspect(events, everything)],
    ['events as JSON', events.map(asJson).join('\n')],
    ['events of the command', events.map((event) => jsonDocument(event)).join('')],
    ['report', inspect(report, everything) + report.failed.map(explainText).join('\n')],
    ['rejections', inspect(rejected, everything)],
    ['rejections as JSON', rejected.map(asJson).join('\n')],
    [
      'rejections in words',
      rejected
        .map((error) =>
          error instanceof TaskchainError
            ? `${error.message} ${asText(error.cause)} ${String(error)} ${error.stack}`
            : '',
        )
        .join('\n'),
    ],
    [
      'run infos',
      JSON.stringify(await Promise.all(planned.right.nodes.map((node) => chain.task(node.id as never).runInfo()))),
    ],
  ])
}

const lines = Array.from(
  { length: 1500 },
  (_, number) => `line-${(number * 7919).toString(36)}-${number}-of-a-long-secret`,
)
const shapes: Readonly<Record<string, readonly string[]>> = {
  plain: ['sk-0123456789abcdef'],
  'short ones': ['abcd', 'wxyz1'],
  'of several lines': [
    '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSj\n-----END KEY-----\n',
    'a\r\nwindows\r\nsecret of lines',
  ],
  'with special characters': ['p@ss"w\'o\\r/d+=?&#%20 <{[`|^~]}>', '$&.*+?^(){}|[]\\', 'a\tb\u0007c\u0000d'],
  'of other alphabets': ['pässwörd-日本語-🔑', 'كلمة السر السرية'],
  'substrings of each other': ['abcdef', 'abcdefghij', 'defghijklm', 'bcde'],
  'like an address': ['postgres://user:pa%20ss@host:5432/db?x=1#y', 'https://me:secret@example.org/'],
  'of 1,500 lines': [lines.join('\n')],
  'of 50,000 characters': [
    Array.from({ length: 50_000 }, (_, position) =>
      String.fromCharCode(97 + (Math.floor(position * 7.77 * Math.sqrt(position)) % 23)),
    ).join(''),
  ],
}

test.each(Object.entries(shapes))('secrets %s come out nowhere', { timeout: 120_000 }, async (name, keys) => {
  for (const [what, output] of await outputsOf(keys, mkdtempSync(join(folder, 'one-')))) expectNone(what, output, keys)
})

/** Long enough that it cannot stand in an output by chance, and no name that every object has: `toString`. */
const secrets = fc
  .oneof(
    fc.string({ minLength: 8, maxLength: 60 }),
    fc.string({ unit: 'binary-ascii', minLength: 8, maxLength: 60 }),
    fc.string({ unit: 'grapheme', minLength: 8, maxLength: 30 }),
  )
  .filter((text) => new Set(text.replace(/\s/g, '')).size >= 6 && !(text in {}))

test('secrets of any shape come out nowhere', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(secrets, { minLength: 1, maxLength: 3 }), async (keys) => {
      for (const [what, output] of await outputsOf(keys, mkdtempSync(join(folder, 'any-'))))
        expectNone(what, output, keys)
    }),
    { numRuns: Number(process.env['FUZZ'] ?? 8) },
  )
})
