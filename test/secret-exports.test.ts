// Every export of every entrance that knows of projects is given secrets, in calls that go well and in calls that fail: nothing that comes of it shows them.
// Formats and helpers (`taskchain/data`, `taskchain/helpers`) know of no project: what they say goes through the task that uses them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { afterAll, describe, expect, test } from 'vitest'
import * as main from '../src/index.js'
import * as inspecting from '../src/inspect/index.js'
import * as plans from '../src/plan/index.js'
import * as stores from '../src/store/index.js'
import * as testing from '../src/testing/index.js'
import * as workers from '../src/workers/index.js'

const { defineObject, defineProject, defineTask, object, param } = main
const key = 'sk-secret "of" 0123456789/abcdef'
const folder = mkdtempSync(join(tmpdir(), 'taskchain-exports-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const Client = defineObject('Client', { args: { host: t.string, key: param(t.string, { secret: true }) } }).create(
  ({ host, key }) => ({ host, key }),
)
const throwing = new t.Type<string, string>(
  'throwing',
  t.string.is,
  (value, context) => (value === key ? t.success(key) : t.failure(value, context)),
  (value) => {
    throw new Error(`no way to write ${value}`)
  },
)
const params = {
  secret: param(t.string, { secret: true }),
  client: object(Client),
  count: param(t.number, { default: 1 }),
}
const failing = defineTask({ params, data: t.number }).run(({ secret }, { log, note }) => {
  log.warn(secret)
  note({ secret })
  throw new Error(`401 for ${secret}`)
})
const working = defineTask({ params, data: t.number }).run(
  ({ secret, client }, { log, note }) => (log.info(secret), note(client), secret.length),
)
const odd = defineTask({ params: { secret: param(throwing, { secret: true }) }, data: t.number }).run(() => 1)
const project = defineProject({ pipelines: { p: { failing, working } }, objects: { Client }, root: folder })

const good = { tasks: 'p.*', secret: key, client: { class: 'Client', kwargs: { host: 'x', key } } }
/** Each is wrong in another way, near a secret. */
const wrong: readonly Readonly<Record<string, unknown>>[] = [
  { ...good, secret: { deep: key } },
  { ...good, secret: [key] },
  { ...good, client: { class: 'Client', kwargs: { host: 5, key } } },
  { ...good, client: { class: 'Client', args: [[key], key] } },
  { ...good, client: { class: 'Cleint', kwargs: { key } } },
  { ...good, client: { class: 'Client', kwargs: { host: 'x', key, [key]: 1 } } },
  { ...good, client: [{ class: 'Client', kwargs: { key } }] },
  { ...good, count: key },
] // oxfmt-ignore
const sets: readonly Readonly<Record<string, unknown>>[] = [
  { 'secret.x': 1 },
  { 'client.kwargs.key.deep': key },
  { 'secret.0.x': key },
  { secret: [key], count: 'x' },
]

/** Everything that was thrown, refused or given. */
type Outcomes = unknown[]
const tried = async (call: () => unknown): Promise<unknown> => {
  try {
    return await call()
  } catch (cause) {
    return [cause, cause instanceof Error ? [cause.message, cause.stack] : []]
  }
}
const all = (calls: readonly (() => unknown)[]): Promise<Outcomes> => Promise.all(calls.map(tried))

/** What a document, or resolved configs, are made of are the values themselves: only errors and warnings are messages. */
const messages = (outcome: E.Either<unknown, { readonly warnings: unknown }>): unknown =>
  E.isLeft(outcome) ? outcome.left : outcome.right.warnings
const documents = (config: object) =>
  new Map([['a.yaml', (plans.documentOf('a.yaml', config) as E.Right<plans.ConfigDocument>).right]])
const planned = async () => ((await main.planConfig(project, { config: good })) as E.Right<plans.Plan>).right
const ofPlans = (use: (plan: plans.Plan) => unknown) => async (): Promise<Outcomes> => [await use(await planned())]
const plannings =
  (use: (config: Readonly<Record<string, unknown>>, set?: Readonly<Record<string, unknown>>) => unknown) =>
  (): Promise<Outcomes> =>
    all([...wrong.map((config) => () => use(config)), ...sets.map((set) => () => use(good, set)), () => use(good)])
const checked = (
  config: Readonly<Record<string, unknown>>,
  set: Readonly<Record<string, unknown>> = {},
): Promise<readonly inspecting.Checked[]> =>
  inspecting.checkConfigs({ project, file: 'none', root: folder }, ['configs/a.json'], {
    contexts: [{ secret: key }],
    set,
    source: { read: async () => JSON.stringify(config), list: async () => [] },
  })
const opened = async (
  config: Readonly<Record<string, unknown>>,
  set?: Readonly<Record<string, unknown>>,
): Promise<unknown> => {
  const chain = await main.openChain(project, {
    config,
    store: mkdtempSync(join(folder, 'store-')),
    logLevel: 'silent',
    ...(set === undefined ? {} : { set }),
  })
  return [
    await chain.run(),
    await tried(() => chain.value('failing')),
    await chain.tasks(),
    await chain.task('working').runInfo(),
    await chain.task('working').log(),
    await chain.task('failing').log('failed'),
    await chain.task('working').why(),
    await chain.draw(),
  ]
}
const errors = async (): Promise<readonly main.PlanError[]> =>
  (await Promise.all(wrong.map((config) => main.planConfig(project, { config })))).flatMap((one) =>
    E.isLeft(one) ? one.left : [],
  )

/** Why an export is not called: it takes no values, or it knows of no project that would say what is secret in them. */
type Reason = 'declares' | 'takes no values' | 'knows of no secrets'
type Case = Reason | (() => Promise<Outcomes>)

const cases: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  taskchain: {
    defineTask: 'declares',
    defineTemplate: 'declares',
    derive: 'declares',
    from: 'declares',
    asPath: 'declares',
    lazy: 'declares',
    matching: 'declares',
    optional: 'declares',
    ref: 'declares',
    file: 'declares',
    folder: 'declares',
    glob: 'declares',
    path: 'declares',
    param: 'declares',
    anyValue: 'declares',
    defineObject: 'declares',
    object: 'declares',
    inMemory: 'declares',
    json: 'declares',
    defineProject: 'declares',
    TaskchainError: 'takes no values',
    openChain: plannings(opened),
    openChains: plannings(async (config) =>
      (await main.openChains(project, [config, good], { store: join(folder, 'chains'), logLevel: 'silent' })).run(),
    ),
    planConfig: plannings((config, set) =>
      main.planConfig(project, { config: config, ...(set === undefined ? {} : { set }) }),
    ),
    openSweep: plannings(async (config) =>
      (
        await main.openSweep(project, {
          config: config,
          set: { count: [1, 2], secret: [key, `${key}2`] },
          store: folder,
        })
      ).preview(),
    ),
    sweep: plannings(async (config) =>
      main.sweep(project, {
        config: config,
        set: { count: [1, 2] },
        metrics: [working],
        store: join(folder, 'sweep'),
        logLevel: 'silent',
      }),
    ),
    explain: async () => (await errors()).map(main.explain),
    explainAll: async () => [main.explainAll(await errors())],
    explainText: async () => (await errors()).map(main.explainText),
  },
  'taskchain/plan': {
    parseDocument: 'knows of no secrets',
    documentOf: plannings((config) => messages(plans.documentOf('a.yaml', config))),
    resolveConfigs: plannings((config, set) =>
      [undefined, project].map((one) =>
        messages(
          plans.resolveConfigs(documents(config), 'a.yaml', {
            ...(one === undefined ? {} : { project: one }),
            contexts: [{ secret: key }],
            ...(set === undefined ? {} : { set }),
          }),
        ),
      ),
    ),
    plan: plannings((config, set) =>
      plans.plan(project, documents(config), { entry: 'a.yaml', ...(set === undefined ? {} : { set }) }),
    ),
    planChain: plannings((config) =>
      E.flatMap((resolved: plans.ResolvedConfigs) => plans.planChain(project, resolved))(
        plans.resolveConfigs(documents(config), 'a.yaml'),
      ),
    ),
    schemaOf: async () => [
      plans.schemaOf(
        defineProject({
          pipelines: {
            p: {
              one: defineTask({
                params: {
                  client: param(object(Client), { default: Client.of({ host: 'x', key }) }),
                  secret: param(t.string, { secret: true, default: key }),
                },
                data: t.number,
              }).run(() => 1),
            },
          },
          objects: { Client },
        }),
      ),
    ],
    filesWanted: plannings((config) =>
      E.map((resolved: plans.ResolvedConfigs) => plans.filesWanted(project, resolved))(
        plans.resolveConfigs(documents(config), 'a.yaml'),
      ),
    ),
    diffPlans: ofPlans((plan) => plans.diffPlans(plan, { nodes: [] })),
    samePlan: 'takes no values',
    candidatesIn: ofPlans((plan) => plans.candidatesIn(plan)),
    why: ofPlans((plan) => plans.why(plan, plan.nodes[0]?.id ?? '', plans.candidatesIn(plan))),
    whyBetween: ofPlans((plan) => plans.whyBetween(plan, plan, plan.nodes[0]?.id ?? '')),
    diffChains: ofPlans((plan) => plans.diffChains(plan, plan)),
    toDot: ofPlans(plans.toDot),
    toMermaid: ofPlans(plans.toMermaid),
    ancestors: 'takes no values',
    descendants: 'takes no values',
    planToJson: ofPlans(plans.planToJson),
    planFromJson: ofPlans((plan) => plans.planFromJson(plans.planToJson(plan))),
    printPlan: ofPlans(plans.printPlan),
  },
  'taskchain/store': {
    fileSource: 'takes no values',
    loadDocuments: plannings(async (config) =>
      E.mapLeft((left) => left)(
        E.map(() => '')(await stores.loadDocuments(stores.fileSource(folder), config, { contexts: [{ secret: key }] })),
      ),
    ),
    gitSource: 'takes no values',
    gatherDigests: 'takes no values',
    fileStore: 'takes no values',
    memoryStore: 'takes no values',
    objectStore: 'takes no values',
    besideOf: 'takes no values',
    bytesSource: 'takes no values',
    checkAddress: 'takes no values',
    checkExtension: 'takes no values',
    checkFolder: 'takes no values',
    foundBytes: 'takes no values',
    foundFolder: 'takes no values',
    gatherBytes: 'takes no values',
    leasesInProcess: 'takes no values',
    measureFolder: 'takes no values',
    hitOrMiss: 'takes no values',
    openArtifact: 'takes no values',
  },
  'taskchain/testing': {
    checkFormat: 'knows of no secrets',
    mock: 'declares',
    planOf: plannings((config, set) =>
      testing.planOf({ tasks: project, configs: { a: config }, ...(set === undefined ? {} : { set }) }),
    ),
    testTask: () =>
      all(
        [failing, working, odd].flatMap((task) =>
          [
            { secret: key, client: { class: 'Client', kwargs: { host: 'x', key } } },
            { secret: [key], client: key },
            { secret: key, count: key, client: { class: 'Client', kwargs: { key: [key] } } },
          ].map((given) => () => testing.testTask(task, { params: given as never, objects: { Client } })),
        ),
      ),
    inspectTask: () =>
      all(
        [working, failing].map((task) => async () => {
          const { events, log, notes } = await testing.inspectTask(task, {
            params: { secret: key, client: { class: 'Client', kwargs: { host: 'x', key } } },
            objects: { Client },
          })
          return [events, log, notes]
        }),
      ),
    testChain: plannings(async (config) => {
      const { tasks: _, ...values } = config as typeof good
      const chain = testing.testChain({ tasks: [failing, working], params: values, objects: { Client } })
      return [
        await chain.run(),
        await tried(() => chain.value(failing)),
        await chain.task(working).runInfo(),
        await chain.task(working).log(),
      ]
    }),
  },
  'taskchain/inspect': {
    loadProject: 'takes no values',
    checkConfigs: plannings(async (config, set) => checked(config, set)),
    problemsOf: plannings(async (config, set) => inspecting.problemsOf(await checked(config, set))),
    reachOf: plannings(async (config, set) => {
      const root = mkdtempSync(join(folder, 'reach-'))
      mkdirSync(join(root, 'configs'))
      writeFileSync(join(root, 'configs', 'a.json'), JSON.stringify(config))
      const options = { contexts: [], revisions: [], pins: [], store: stores.fileStore(join(root, 'store')) }
      return inspecting.reachOf({ project, file: 'none', root }, { ...options, set: set ?? {} })
    }),
    compareChains: async () => {
      const store = join(folder, 'compared')
      const open = (count: number) => main.openChain(project, { config: { ...good, count }, store, logLevel: 'silent' })
      return [await inspecting.compareChains(stores.fileStore(store), await open(1), await open(2))]
    },
    estimates: 'takes no values',
    metricPairs: 'takes no values',
    mustRun: 'takes no values',
    parsePins: 'knows of no secrets',
    setValues: 'knows of no secrets',
    sweptValues: 'knows of no secrets',
    parseSweepFile: 'knows of no secrets',
    combineSweeps: 'knows of no secrets',
  },
  'taskchain/workers': {
    bullmq: 'takes no values',
    childProcesses: 'takes no values',
    onThreads: 'takes no values',
    queueWorker: 'takes no values',
    workerPools: 'takes no values',
    workerThreads: 'takes no values',
  },
} // oxfmt-ignore

const entrances: Readonly<Record<string, object>> = {
  taskchain: main,
  'taskchain/inspect': inspecting,
  'taskchain/plan': plans,
  'taskchain/store': stores,
  'taskchain/testing': testing,
  'taskchain/workers': workers,
}
for (const [entrance, exported] of Object.entries(entrances))
  describe(entrance, () => {
    test('has no export that this page does not know', () =>
      expect(Object.keys(exported).filter((name) => cases[entrance]?.[name] === undefined)).toEqual([]))

    for (const [name, given] of Object.entries(cases[entrance] ?? {})) {
      if (typeof given === 'string') continue
      test(`${name} shows no secret`, async () => {
        const outcomes = await given()
        expect(outcomes.length).toBeGreaterThan(0)
        const shown =
          inspect(outcomes, { depth: 30, showHidden: true, maxStringLength: null, maxArrayLength: null }) +
          outcomes.map(String).join('\n') +
          JSON.stringify(outcomes)
        for (const text of [key, key.slice(0, 12), '0123456789', JSON.stringify(key).slice(1, -1)]) {
          const at = shown.indexOf(text)
          if (at >= 0) expect.fail(`…${shown.slice(Math.max(0, at - 300), at + 100)}…`)
        }
      })
    }
  })

test('classes that only a codec admits are hidden too, at any depth', async () => {
  const Token = defineObject('Token', { args: { key: param(t.string, { secret: true }), count: t.number } }).create(
    (args) => args,
  )
  const Service = defineObject('Service', { args: { tokens: t.array(object(Token)) } }).create((args) => args)
  const used = defineTask({ params: { services: t.record(t.string, object(Service)) }, data: t.number }).run(() => 1)
  const unregistered = defineProject({ pipelines: { p: { used } }, root: folder })
  const services = (token: object) => ({ one: { class: 'Service', kwargs: { tokens: [token] } } })
  for (const token of [
    { class: 'Token', kwargs: { key, count: key } },
    { class: 'Token', args: [key, `of ${key}`] },
  ]) {
    const outcome = await main.planConfig(unregistered, { config: { tasks: 'p.*', services: services(token) } })
    expect(E.isLeft(outcome) && JSON.stringify(outcome.left)).toContain('***')
    expect(inspect(outcome, { depth: 20 })).not.toContain('0123456789')
  }
})
