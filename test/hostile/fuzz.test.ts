// Hostile configs, contexts and records: always a plan or a tagged error. FUZZ=100000 is the long form (npm run fuzz),
// FUZZ_SEED repeats a run.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { parseDocument as parseYaml } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setValues } from '../../src/inspect/set-values.js'
import { parsePins } from '../../src/inspect/pins.js'
import { sweptValues } from '../../src/inspect/sweep-request.js'
import type { Project } from '../../src/declare/project.js'
import { planFromJson, planToJson } from '../../src/plan/inspect/plan-json.js'
import { planOf } from '../../src/testing/plan-of.js'
import { factsOfRunInfo } from '../../src/runtime/run-info/artifact-facts.js'
import { factsFromText, factsText } from '../../src/runtime/run-info/facts-text.js'
import { parseRunInfo, quickData, quickFacts } from '../../src/runtime/run-info/run-info.js'
import { project as casesProject } from '../cases/project.js'
import { builtOnce } from '../build-once.js'
import { hostileRecord, hostileValue, mutated, scrambled } from './mutations.js'
import { realized, strangeRecord } from './strange-values.js'
import { answerTo, isTagged, prototypesAreClean, type Answer, type Attempt } from './planning.js'

const total = Number(process.env['FUZZ'] ?? 3000)
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
/** An answer that takes longer than this is a hang for whoever waits for it. Milliseconds. */
const hang = 10_000

const root = resolve(import.meta.dirname, '../..')
const textsBelow = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ya?ml|json)$/.test(name) && !/run_info|keep/.test(name))
      .filter(
        (name) =>
          !readdirSync(join(root, folder, name, '..'), { withFileTypes: true }).some(
            (entry) => entry.name === name.split('/').at(-1) && entry.isDirectory(),
          ),
      )
      .map((name) => [name, readFileSync(join(root, folder, name), 'utf8')]),
  )

/** The same config as JSON; texts that are no YAML stay as they are. */
const asJsonText = (text: string): string => {
  const parsed = parseYaml(text)
  return parsed.errors.length > 0 ? text : JSON.stringify(parsed.toJS(), undefined, 1)
}

const counts = { attempts: 0, planned: 0, refused: 0, nodes: 0 }
const tags = new Map<string, number>()
let slowest = { milliseconds: 0, what: '' }

const told = (answer: Answer): void => {
  if (answer._tag === 'Planned') {
    counts.planned++
    counts.nodes += answer.nodes
  } else {
    counts.refused++
    for (const tag of new Set(answer.tags)) tags.set(tag, (tags.get(tag) ?? 0) + 1)
  }
}

const timed = async <A>(what: string, work: () => A | Promise<A>): Promise<A> => {
  const start = performance.now()
  const answer = await work()
  const milliseconds = performance.now() - start
  counts.attempts++
  if (milliseconds > slowest.milliseconds) slowest = { milliseconds, what }
  if (milliseconds > hang) throw new Error(`${what} took ${Math.round(milliseconds)} ms`)
  return answer
}

const plans = async (project: Project, attempt: Attempt, what: string): Promise<void> =>
  told(await timed(what, () => answerTo(project, attempt)))
const some = (part: number) => ({ numRuns: Math.max(20, Math.round(total * part)), seed })

afterAll(() => {
  expect(prototypesAreClean()).toBe(true)
  if (process.env['FUZZ'] !== undefined)
    process.stdout.write(
      `${JSON.stringify({ seed, ...counts, tags: Object.fromEntries([...tags].sort(([, left], [, right]) => right - left)), slowest: { milliseconds: Math.round(slowest.milliseconds), what: slowest.what } })}\n`,
    )
})

describe('configs', { timeout: 3_600_000 }, () => {
  let movies: Project
  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/index.js'))) builtOnce() // whether it is the newest does not matter here
    movies = (await import('../../examples/movies/taskchain.config.js')).default // its library is the built one: another copy
  })
  const moviesFiles = Object.fromEntries(
    Object.entries(textsBelow('examples/movies/configs')).map(([name, text]) => [`configs/${name}`, text]),
  )
  const contexts = Object.fromEntries(
    Object.entries(textsBelow('examples/movies/contexts')).map(([name, text]) => [`contexts/${name}`, text]),
  )
  const examples = Object.entries(moviesFiles)
  const caseTexts = Object.values(textsBelow('test/cases'))

  test('of the example, mutated, with everything they use', async () => {
    const one = fc.tuple(fc.nat(examples.length - 1), fc.boolean()).chain(([index, asJson]) => {
      const [, text] = examples[index] as [string, string]
      return fc.tuple(fc.constant(index), mutated([asJson ? asJsonText(text) : text]), fc.constant(asJson))
    })
    await fc.assert(
      fc.asyncProperty(one, async ([index, text, asJson]) => {
        const [origin] = examples[index] as [string, string]
        const entry = asJson ? `${origin}.json` : origin
        await plans(movies, { files: { ...moviesFiles, [entry]: text }, entry }, 'a mutated config')
      }),
      some(0.35),
    )
  })

  test('that others use, mutated under them', async () => {
    const used = examples.filter(([, text]) => examples.some(([, other]) => other !== text && other.includes('uses')))
    const pair = fc
      .tuple(fc.nat(used.length - 1), fc.nat(examples.length - 1))
      .chain(([target, entry]) =>
        fc.tuple(fc.constant(target), fc.constant(entry), mutated([(used[target] as [string, string])[1]])),
      )
    await fc.assert(
      fc.asyncProperty(pair, async ([target, entry, text]) => {
        await plans(
          movies,
          {
            files: { ...moviesFiles, [(used[target] as [string, string])[0]]: text },
            entry: (examples[entry] as [string, string])[0],
          },
          'a config over a mutated one',
        )
      }),
      some(0.15),
    )
  })

  test('of the cases of wrong input, mutated further', async () => {
    await fc.assert(
      fc.asyncProperty(mutated(caseTexts), async (text) => {
        const entry = 'config.yaml'
        await plans(
          casesProject,
          { files: { [entry]: text, 'other.yaml': 'tasks: movies.*\n', 'shared.yaml': 'min_votes: 1\n' }, entry },
          'a mutated case',
        )
      }),
      some(0.2),
    )
  })

  test('put together from what means something', async () => {
    await fc.assert(
      fc.asyncProperty(scrambled, fc.constantFrom('config.yaml', 'config.json'), async (text, entry) =>
        plans(casesProject, { files: { [entry]: text }, entry }, 'scrambled text'),
      ),
      some(0.1),
    )
  })

  test('as objects of a program, with values that no file can hold', async () => {
    await fc.assert(
      fc.asyncProperty(hostileRecord, async (entry) => plans(casesProject, { files: {}, entry }, 'an object')),
      some(0.05),
    )
  })

  test('as objects of a program that misbehave when they are looked at', async () => {
    const records = fc.tuple(strangeRecord, fc.constantFrom('entry', 'context', 'set'))
    await fc.assert(
      fc.asyncProperty(records, async ([signs, place]) => {
        const value = realized(signs) as Readonly<Record<string, unknown>>
        const [entry] = examples[0] as [string, string]
        const attempt: Attempt =
          place === 'entry'
            ? { files: {}, entry: value }
            : { files: moviesFiles, entry, ...(place === 'context' ? { contexts: [value] } : { set: value }) }
        await plans(place === 'entry' ? casesProject : movies, attempt, `a strange object as ${place}`)
      }),
      some(0.05),
    )
  })

  test('under hostile contexts and values of --set', async () => {
    const attempt = fc.tuple(
      fc.nat(examples.length - 1),
      fc.oneof(hostileRecord, mutated(Object.values(contexts))),
      fc.option(hostileRecord, { nil: undefined }),
    )
    await fc.assert(
      fc.asyncProperty(attempt, async ([index, context, set]) => {
        const files = typeof context === 'string' ? { ...moviesFiles, 'contexts/mutated.yaml': context } : moviesFiles
        await plans(
          movies,
          {
            files,
            entry: (examples[index] as [string, string])[0],
            contexts: [typeof context === 'string' ? 'contexts/mutated.yaml' : context],
            ...(set === undefined ? {} : { set }),
          },
          'a hostile context',
        )
      }),
      some(0.1),
    )
  })
})

describe('texts of the store and the command line', { timeout: 3_600_000 }, () => {
  const runInfos = readFileSync(join(import.meta.dirname, 'run_info.yaml'), 'utf8')
  const plan = planOf({
    tasks: casesProject,
    configs: {
      'a.yaml': {
        tasks: [
          'movies.all_movies',
          'movies.filtered',
          'rating_model.ratings',
          'rating_model.trained',
          'movies.titles',
        ],
        source_file: 'x',
        min_votes: 1,
        ratings_file: 'y',
        model: { class: 'Ridge' },
      },
    },
  })

  test('run infos and texts of a catalog are read or refused, never more', async () => {
    const line = `identity\t${factsText({
      key: 'a'.repeat(32),
      ended: '2026-11-22 11:34:01.520',
      seconds: 1,
      code: null,
      format: 'json',
      extension: 'json',
      size: 3,
      preImage: { scheme: 1, task: 'a:b', params: { x: 1 }, inputs: {} },
    })}`
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated([runInfos]), mutated([line]), scrambled), async (text) =>
        timed('a run info', () => {
          parseRunInfo(text)
          quickFacts(text)
          const data = quickData(text)
          if (data !== undefined && !(Number.isFinite(data.size) && typeof data.checksum === 'string'))
            throw new Error(`facts that are none: ${JSON.stringify(data)}`)
          factsOfRunInfo(text, 'a'.repeat(32))
          factsFromText('a'.repeat(32), text, true)
        }),
      ),
      some(0.03),
    )
  })

  test('plans from JSON are read or refused', async () => {
    const text = planToJson(plan)
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated([text]), hostileValue), async (given) =>
        timed('a plan from JSON', () => {
          const outcome = planFromJson(typeof given === 'string' ? given : (textOf(given) ?? ''))
          expect(['Left', 'Right']).toContain(outcome._tag)
        }),
      ),
      some(0.01),
    )
  })

  test('words of the command line are values, or tagged errors', async () => {
    const text = fc.oneof(
      scrambled,
      fc
        .tuple(fc.constantFrom('a=', 'run x --set a=', 'sweep x --range a='), scrambled)
        .map(([head, tail]) => head + tail),
    )
    await fc.assert(
      fc.asyncProperty(text, async (given) =>
        timed('a word', () => {
          for (const read of [
            () => setValues([given]),
            () => parsePins(given, 'taskchain.pins'),
            () => sweptValues([given], []),
            () => sweptValues([], [given]),
          ]) {
            try {
              read()
            } catch (error) {
              if (!isTagged(error)) throw error
            }
          }
        }),
      ),
      some(0.01),
    )
  })
})

/** A hostile value as JSON, where it has any. */
const textOf = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
