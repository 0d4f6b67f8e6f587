import { isList, isRecord, type Fields } from '../base/records.js'
import { nearest } from '../base/suggest.js'

/** A question that assistants may ask about a project; each is a taskchain command that only reads. */
export interface Tool {
  readonly name: string
  readonly about: string
  readonly properties: Readonly<Record<string, Property>>
  readonly required: readonly string[]
  /** The command line, without the options that all commands get. */
  readonly words: (given: Fields) => readonly string[]
}

interface Property {
  readonly type: 'string' | 'integer' | 'array'
  readonly description: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: { readonly type: 'string' }
}

const config: Property = {
  type: 'string',
  description: 'a config in the folder of configs, with or without extension; `#part` selects one part of it',
}
const task: Property = { type: 'string', description: 'a task: `name`, `group:name` or `namespace::group:name`' }
const laidOver: Readonly<Record<string, Property>> = {
  context: {
    type: 'array',
    items: { type: 'string' },
    description: 'context files, whose values override the config; later ones win',
  },
  set: {
    type: 'array',
    items: { type: 'string' },
    description: 'values that override everything, `name=value` as YAML; `a.b=1` sets a field of a value',
  },
}

const maxRows = 50

export const tools: readonly Tool[] = [
  {
    name: 'plan',
    about:
      'What a run of a config would do: its tasks with params, keys, inputs, and whether each is cached or to run.',
    properties: { config, ...laidOver },
    required: ['config'],
    words: (given) => ['plan', '--json', ...laid(given), '--', text(given, 'config')],
  },
  {
    name: 'why',
    about: 'Why a task would be recomputed or not: what differs from earlier results, down to values and lines.',
    properties: { config, task, ...laidOver },
    required: ['config', 'task'],
    words: (given) => ['why', '--json', ...laid(given), '--', text(given, 'config'), text(given, 'task')],
  },
  {
    name: 'check',
    about: 'All configs of the project, whether each can be planned, and every problem by cause with its places.',
    properties: {
      folder: { type: 'string', description: 'check only configs in this folder; default: the folder of configs' },
      ...laidOver,
    },
    required: [],
    words: (given) => ['check', '--json', ...laid(given), '--', ...texts(given['folder'])],
  },
  {
    name: 'runs',
    about: 'The history: runs with what they computed and cost, the latest first; one run; or a comparison of two.',
    properties: {
      action: { type: 'string', enum: ['list', 'show', 'diff'], description: 'default: list' },
      ids: {
        type: 'array',
        items: { type: 'string' },
        description: 'one id for show, two for diff: an id, a prefix of one, or `last`, `last~1`',
      },
      limit: { type: 'integer', minimum: 1, maximum: 200, description: 'number of runs to list; default 20' },
    },
    required: [],
    words: (given) => {
      const { limit } = given
      const few = typeof limit === 'number' ? [`--limit=${limit}`] : []
      return ['runs', '--json', ...few, '--', text(given, 'action') || 'list', ...texts(given['ids'])]
    },
  },
  {
    name: 'show',
    about: 'A preview of the stored value of a task: rows of a table, shape of an array, start of a text.',
    properties: {
      config,
      task,
      rows: { type: 'integer', minimum: 1, maximum: maxRows, description: 'number of rows to show; default 10' },
      ...laidOver,
    },
    required: ['config', 'task'],
    words: (given) => {
      const rows = typeof given['rows'] === 'number' ? given['rows'] : 10
      return ['show', '--no-color', `--rows=${rows}`, ...laid(given), '--', text(given, 'config'), text(given, 'task')]
    },
  },
  {
    name: 'tasks',
    about: 'The tasks of a config with their state, when they were computed, how long that took, size and path.',
    properties: { config, ...laidOver },
    required: ['config'],
    words: (given) => ['tasks', '--json', ...laid(given), '--', text(given, 'config')],
  },
  {
    name: 'info',
    about: "The run info of a task's stored result: params, inputs, times, notes, what computed it.",
    properties: { config, task, ...laidOver },
    required: ['config', 'task'],
    words: (given) => ['info', '--json', ...laid(given), '--', text(given, 'config'), text(given, 'task')],
  },
]

/** The arguments have been validated, so they are texts. */
const texts = (given: unknown): readonly string[] =>
  (isList(given) ? given : [given]).filter((one): one is string => typeof one === 'string')
const text = (given: Fields, name: string): string => texts(given[name])[0] ?? ''
const laid = (given: Fields): readonly string[] => [
  ...texts(given['context']).map((file) => `--context=${file}`),
  ...texts(given['set']).map((one) => `--set=${one}`),
]

/** Arguments that name files: they must stay inside the project. */
const paths = ['config', 'folder', 'context'] as const

/** The command line that answers, or what is wrong with the arguments. */
export type Request = { readonly words: readonly string[] } | { readonly problems: readonly string[] }

/**
 * The command behind a call of a tool.
 *
 * @example requestOf(plan, { config: 'movies' })   // { words: ['plan', '--json', '--', 'movies'] }
 */
export const requestOf = (tool: Tool, given: unknown = {}): Request => {
  if (!isRecord(given)) return { problems: [`the arguments of '${tool.name}' must be an object`] }
  const names = Object.keys(tool.properties)
  const missing = tool.required.filter((name) => given[name] === undefined)
  const problems = [
    ...missing.map((name) => `'${name}' is missing: ${tool.properties[name]?.description}`),
    ...Object.entries(given).flatMap(([name, value]) => {
      const property = Object.hasOwn(tool.properties, name) ? tool.properties[name] : undefined
      if (property === undefined) {
        const [near] = nearest(name, names)
        const hint = near === undefined ? `it has ${names.join(', ')}` : `did you mean '${near}'?`
        return [`'${tool.name}' has no argument '${name.slice(0, 100)}'; ${hint}`]
      }
      return value === undefined ? [] : problemsOf(name, value, property)
    }),
    ...paths.flatMap((name) => texts(given[name]).flatMap((path) => outside(name, path))),
  ]
  return problems.length > 0 ? { problems } : { words: tool.words(given) }
}

const longest = 2000

const problemsOf = (name: string, value: unknown, property: Property): readonly string[] => {
  const wrong = (expected: string): readonly string[] => [`'${name}' must be ${expected}`]
  switch (property.type) {
    case 'string':
      if (!isText(value)) return wrong(`a text of 1 to ${longest} characters`)
      return property.enum === undefined || property.enum.includes(value)
        ? []
        : wrong(`one of ${property.enum.join(', ')}`)
    case 'array':
      return isList(value) && value.length <= 50 && value.every(isText) ? [] : wrong('a list of at most 50 texts')
    case 'integer': {
      const { minimum = 1, maximum = 1 } = property
      const fits = typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum
      return fits ? [] : wrong(`a whole number from ${minimum} to ${maximum}`)
    }
  }
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= longest && !value.includes('\0')

const outside = (name: string, path: string): readonly string[] =>
  /^(?:[/\\~]|[A-Za-z]:)/.test(path) || path.split(/[/\\]/).includes('..')
    ? [`'${name}' leads out of the project: name a file inside it, without '..'`]
    : []
