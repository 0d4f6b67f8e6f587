import { readdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, test } from 'vitest'
import { fileSource, loadAsFar } from '../src/adapters/project/config-files.js'
import { gatherDigests } from '../src/adapters/project/file-digests.js'
import { resolveAsFar } from '../src/config/resolve.js'
import type { ResolveOptions } from '../src/config/config-types.js'
import type { Project } from '../src/declare/project.js'
import { warningsBeside, type PlanError, type PlanWarning } from '../src/errors.js'
import { explainAll } from '../src/explain.js'
import { filesWanted } from '../src/plan/params/files-wanted.js'
import { planAsFar } from '../src/plan/plan.js'
import { refuseUnread } from '../src/plan/params/unread-values.js'
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
  const options: ResolveOptions = {
    contexts: existsSync(path.join(root, 'context.yaml')) ? ['context.yaml'] : [],
    globals: project.globals,
    root,
    configsFolder: '.',
    ...(set === undefined ? {} : { set: JSON.parse(set) as Record<string, unknown> }),
  }
  const { documents, errors } = await loadAsFar(fileSource(root), 'config.yaml', options)
  const resolution = resolveAsFar(documents, 'config.yaml', options, errors)
  const wanted = resolution.resolved === undefined ? [] : filesWanted(project, resolution.resolved)
  const planned = planAsFar(project, resolution, {
    digests: await gatherDigests(wanted, { root }),
    environment: { API_KEY: 'sk-123', EMPTY: '' },
  })
  const plan = refuseUnread(planned, { set: true, configs: project.strict, contexts: project.strict })
  return E.isLeft(plan) ? [...plan.left, ...warningsBeside(plan.left)] : plan.right.warnings
}

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
