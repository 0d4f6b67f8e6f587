import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnyError } from '../../src/errors.js'
import { explainText } from '../../src/explain.js'
import { planErrorNotes, runErrorNotes, usageErrorNotes, warningNotes, type ErrorNote } from './error-notes.js'

/** The page of errors: for each tag what it means, what to do, and what it looks like in one of the test cases. */

/** Test cases of warnings whose folders are not named after their tags. */
const cases: Readonly<Record<string, string>> = {
  UnusedValue: 'warning-unused-value',
  UnusedContextValue: 'warning-context',
  UnknownNamespace: 'warning-context',
  NearPlaceholder: 'warning-placeholder',
  OldYaml: 'warning-old-yaml',
  YamlWarning: 'warning-yaml',
  MissingVariable: 'missing-variable',
  NoMatch: 'warning-no-match',
  PlainClass: 'warning-plain-class',
  IgnoredBesideParts: 'warning-beside-parts',
  SpelledArgument: 'warning-spelled-argument',
  UnreadValue: 'unread-set',
  TooLarge: 'nested-too-deeply',
}

/** Errors without a case folder, since they occur on the command line. */
const usage: readonly AnyError[] = [
  { _tag: 'ProjectNotFound', lookedIn: '/home/me', file: undefined },
  { _tag: 'NotAProject', file: 'taskchain.config.ts' },
  { _tag: 'BadOption', option: '--set', problem: "expected name=value, got 'x'" },
  { _tag: 'GitNotFound' },
  { _tag: 'UnknownRevision', revision: 'mian', near: ['main'] },
]

const kebab = (tag: string): string => tag.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()

const caseOf = (root: string, tag: string): string | undefined => {
  const shown = usage.find((error) => error._tag === tag)
  if (shown !== undefined) return explainText(shown)
  const file = ['cases', 'run-cases']
    .map((folder) => join(root, 'test', folder, cases[tag] ?? kebab(tag), 'error.txt'))
    .find((path) => existsSync(path))
  return file === undefined ? undefined : firstProblem(readFileSync(file, 'utf8'))
}

/** The first of several problems in a text: its line, and the indented lines below it. */
const firstProblem = (text: string): string => (/^.*\n(?:[ \t].*\n)*/.exec(text)?.[0] ?? '').trimEnd()

const entry = (root: string, tag: string, { means, cure }: ErrorNote): string => {
  const example = caseOf(root, tag)
  return [`### ${tag}`, `${means} ${cure}`, ...(example === undefined ? [] : [`\`\`\`text\n${example}\n\`\`\``])].join(
    '\n\n',
  )
}

const chapter = (root: string, title: string, about: string, notes: Readonly<Record<string, ErrorNote>>): string =>
  [`## ${title}`, about, ...Object.entries(notes).map(([tag, note]) => entry(root, tag, note))].join('\n\n')

export const errorsPage = (root: string): string =>
  `${[
    '# Errors',
    'Every failure is a value with a tag (`code` in `--json`), the place of its cause, a sentence and, if possible, the next step. This page explains each tag. In code, `explain` of `taskchain` gives the same text. All errors of a plan are reported together. Errors without a tag (a full disk, a dropped connection) are shown as the system reports them.',
    chapter(root, 'Configs and declarations', 'Found during planning; nothing has run. Exit code 2.', planErrorNotes),
    chapter(root, 'Warnings', 'They do not stop a run; `check --strict` fails for them.', warningNotes),
    chapter(
      root,
      'While running',
      'Tasks that do not depend on the failed one continue. Exit code 1; 4 if work is left.',
      runErrorNotes,
    ),
    chapter(root, 'Command line', 'Exit code 3.', usageErrorNotes),
  ].join('\n\n')}\n`
