import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fieldOf, isRecord } from '../../src/base/records.js'
import { limits, tooLarge } from '../../src/config/limits.js'
import { schemaOf, type JsonSchema } from '../../src/plan/index.js'
import { exportsOf } from '../../test/api/surface.js'
import { membersOf } from './api.js'
import project from './yaml-keys/example-project.js'
import { keyNotes, type KeyNote } from './yaml-keys/key-notes.js'
import { broughtBy, meantBy, plannedText, type Files } from './yaml-keys/planned-text.js'
import { patterns, usesEntries, valueForms, type FormNote } from './yaml-keys/value-notes.js'

/** The page of YAML keys: types from the schema, results and errors from planning the examples. */

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', '<br>')
const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

/** A schema in words: `text`, `a list of text`, … */
const inWords = (schema: unknown): string => {
  const any = fieldOf(schema, 'anyOf')
  if (Array.isArray(any)) return [...new Set(any.map(inWords))].join(', or ')
  const type = fieldOf(schema, 'type')
  const types = Array.isArray(type) ? type : [type]
  return types.map((one) => wordOf(String(one), schema)).join(', or ')
}
const wordOf = (type: string, schema: unknown): string =>
  type === 'array'
    ? `a list of ${inWords(fieldOf(schema, 'items'))}s`
    : ({ null: 'empty', boolean: 'true or false', object: 'a map', string: 'text' }[type] ?? 'text')

const propertiesOf = (schema: unknown): JsonSchema => {
  const properties = fieldOf(schema, 'properties')
  return isRecord(properties) ? properties : {}
}

/** What the schemas say about keys of configs and contexts. */
const inSchemas: JsonSchema = {
  ...propertiesOf(schemaOf(project, { of: 'contexts' })),
  ...propertiesOf(fieldOf(schemaOf(project), 'then')),
  ...propertiesOf(fieldOf(schemaOf(project), 'else')),
}

/** File names are shown above, so that line numbers match those in messages. */
const example = (files: Files): string =>
  [
    ...Object.entries(files).flatMap(([origin, text]) => [
      ...(Object.keys(files).length > 1 ? [`\`${origin}\`:`] : []),
      `\`\`\`${origin.endsWith('.json') ? 'json' : 'yaml'}\n${text}\`\`\``,
    ]),
    `\`\`\`text\n${plannedText(files)}\n\`\`\``,
  ].join('\n\n')

const keyChapter = ([key, note]: readonly [string, KeyNote]): string =>
  [
    `### ${key}`,
    note.means,
    tableOf(['', ''], [
      ['type', note.type ?? inWords(inSchemas[key])],
      ['appears in', note.where],
      ['if absent', note.absent],
    ]),
    example(note.right),
    ...(note.wrong.length === 0 ? [] : ['Errors and warnings:', ...note.wrong.map(example)]),
  ].join('\n\n')

const formChapter = ({ title, means, examples }: FormNote): string =>
  [`## ${title}`, means, ...examples.map(example)].join('\n\n')

const projectChapter = (): string => {
  const options = exportsOf('taskchain').find(({ name }) => name === 'ProjectOptions')
  return [
    '## The project file',
    '`taskchain.config.ts` (or `.mts`, `.js`, `.mjs`), in the working folder or above, has a project as its default export: `export default defineProject({ … })`. It is code, not YAML; its keys are listed here for completeness.',
    '- `pipelines`: required. Modules of tasks by group; a record of modules nests with `:`.',
    ...(options === undefined ? [] : [membersOf(options).join('\n')]),
  ].join('\n\n').replace('`:`.\n\n-', '`:`.\n-')
}

export const yamlKeysPage = (root: string): string => {
  const unknown = Object.keys(inSchemas).filter((key) => !(key in keyNotes) && !values.has(key))
  if (unknown.length > 0) throw new Error(`keys of the schema without a note: ${unknown.join(', ')}`)
  const code = readFileSync(join(root, 'scripts/reference/yaml-keys/example-project.ts'), 'utf8')
  const place = { origin: '', line: 0, column: 0 }
  return `${[
    '# YAML keys',
    'Every key of configs and contexts, with its type, its effect if absent, an example, and the errors of wrong uses. Each example is followed by what planning it prints: a line for each task with its values. [Configs in full](../config-files.md) is the guide to them.',
    tableOf(['key', 'in', 'type'], Object.entries(keyNotes).map(([key, { where, type }]) => [`[\`${key}\`](#${anchorOf(key)})`, where, type ?? inWords(inSchemas[key])])),
    'All examples use this project:',
    `\`\`\`ts\n${code.replace(/^\/\/.*\n/, '').replace('../../../src/index.js', 'taskchain')}\`\`\``,
    'A config is a `.yaml`, `.yml` or `.json` file below `configs`. YAML is version 1.2: `yes` and `no` are text, `010` is ten, and both give a warning. Anchors, aliases and `<<` work. A duplicate key is an error. Keys are in snake case.',
    '## Keys',
    ...Object.entries(keyNotes).map(keyChapter),
    '## Patterns of tasks',
    'The patterns of `tasks` and `excluded_tasks`. A pattern that matches nothing is an error.',
    tableOf(['pattern', '', 'matches'], patterns.map(([pattern, means]) => [`\`${pattern}\``, means, broughtBy(pattern)])),
    '## Entries of uses',
    'Here is what entries mean in `configs/more/all.yaml` of a project in `/home/me/project` with the global `CONFIGS: /home/me/project/shared`:',
    tableOf(
      ['entry', '', 'means'],
      usesEntries.map(([entry, means]) => [`\`${entry}\``, means, meantBy(entry)]),
    ),
    'Names of parts and namespaces consist of letters, digits, `_`, `-` and `.`, at most 100 of them.',
    ...valueForms.map(formChapter),
    '## Limits',
    'The limits are far above what people write. Exceeding one is an error with its place.',
    tableOf(['', 'at most'], Object.keys(limits).map((limit) => {
      const error = tooLarge(limit as keyof typeof limits, place) // the names are those of limits
      return error._tag === 'TooLarge' ? [error.what, error.limit] : []
    })),
    projectChapter(),
  ].join('\n\n')}\n`
}

const values: ReadonlySet<string> = new Set(['rows', 'note', 'model', 'words', 'api_key'])
const anchorOf = (key: string): string => key.replace(/[^a-z_-]/g, '')
