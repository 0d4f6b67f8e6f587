import { readdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Project } from '../src/declare/project.js'
import { warningsBeside, type PlanError, type PlanWarning } from '../src/errors.js'
import { explainAll } from '../src/explain.js'
import { unreadIn } from '../src/plan/plan-documents.js'
import { makePlanner } from '../src/planner/planner.js'
import * as exported from './cases/project.js'

/** Every folder of test/cases is a config with what is wrong with it; `UPDATE=1` writes error.txt anew. */

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'cases')
const cases = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
const met = new Set<string>()
const projects: Readonly<Record<string, Project>> = { ...exported }

const textIn = (name: string, file: string): string | undefined => {
  const place = path.join(folder, name, file)
  return existsSync(place) ? readFileSync(place, 'utf8') : undefined
}

const told = async (name: string): Promise<readonly (PlanError | PlanWarning)[]> => {
  const root = path.join(folder, name)
  const project = projects[textIn(name, 'project.txt')?.trim() ?? 'project'] as Project
  const set = textIn(name, 'set.json')
  const planner = makePlanner({ ...project, configs: '.' }, { root, digestCache: undefined })
  const read = await planner.read('config.yaml', existsSync(path.join(root, 'context.yaml')) ? ['context.yaml'] : [])
  const { planned: plan } = await read.plan({
    set: set === undefined ? undefined : (JSON.parse(set) as Record<string, unknown>),
    unread: unreadIn(project),
  })
  return E.isLeft(plan) ? [...plan.left, ...warningsBeside(plan.left)] : plan.right.warnings
}

beforeAll(() => {
  vi.stubEnv('API_KEY', 'sk-123').stubEnv('EMPTY', '')
  return () => vi.unstubAllEnvs()
})

describe('what is wrong with configs and declarations is told in sentences', () => {
  test.for(cases)('%s', async (name) => {
    const found = await told(name)
    for (const { _tag } of found) met.add(_tag)
    const text = `${explainAll(found)}\n`
    if (process.env['UPDATE'] !== undefined) writeFileSync(path.join(folder, name, 'error.txt'), text)
    expect(text).toBe(textIn(name, 'error.txt'))
  })

  afterAll(() => {
    const never = [...Object.keys(errorTags), ...Object.keys(warningTags)].filter((tag) => !met.has(tag))
    expect(never, 'tags without a case').toEqual([])
  })
})

// Every tag once: the compiler says when one is added.
const errorTags: Readonly<Record<PlanError['_tag'], true>> = {
  ConfigNotFound: true,
  ConfigUnreadable: true,
  YamlSyntax: true,
  DuplicateKey: true,
  NumberTooLarge: true,
  TooLarge: true,
  BadStructure: true,
  UnknownPart: true,
  NoMainPart: true,
  SeveralMainParts: true,
  UsesCycle: true,
  ContextStructure: true,
  UnsafeName: true,
  InvalidGlobal: true,
  UnknownPath: true,
  UnknownTasks: true,
  DuplicateTask: true,
  NameClash: true,
  SameTaskTwice: true,
  SimilarNames: true,
  InvalidDeclaration: true,
  MissingParam: true,
  InvalidParam: true,
  UnknownClass: true,
  WrongClassArguments: true,
  UnencodableParam: true,
  FileUnreadable: true,
  InputNotExported: true,
  PathOfMemory: true,
  MissingInput: true,
  AmbiguousInput: true,
  TaskCycle: true,
  NothingToPlan: true,
  UnreadValue: true,
}
const warningTags: Readonly<Record<PlanWarning['_tag'], true>> = {
  UnusedValue: true,
  UnusedContextValue: true,
  UnknownNamespace: true,
  NearPlaceholder: true,
  OldYaml: true,
  YamlWarning: true,
  MissingVariable: true,
  PlainClass: true,
  NoMatch: true,
  IgnoredBesideParts: true,
  SpelledArgument: true,
}
