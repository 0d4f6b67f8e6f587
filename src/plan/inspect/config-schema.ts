import type { Project } from '../../declare/project.js'
import { whilePlanning } from '../../declare/object.js'
import { byCodeUnit } from '../../base/code-unit-order.js'
import { indexProject, type IndexedParam, type IndexedTask, type ProjectIndex } from '../names/project-index.js'
import { codecSchemas, defaultOf, inPattern, withNotes, type CodecSchemas, type JsonSchema } from './schema-of-codec.js'
import { dottedForm } from '../names/task-pattern.js'
import { fieldOf, isRecord } from '../../base/records.js'

/** The kind of schema to generate. */
export interface SchemaOptions {
  /** `configs` (default): files that select tasks; `contexts`: values that override them. */
  readonly of?: 'configs' | 'contexts'
}

/**
 * A JSON Schema of a project's configs or contexts for editors: names of values with types, defaults and docs; tasks;
 * classes.
 * Names that no task reads and that are not reserved are errors, unless they begin with `x-`. Draft-07 is the newest
 * version that the language servers for YAML and JSON both fully support.
 *
 * @example
 * writeFileSync('taskchain.schema.json', JSON.stringify(schemaOf(project), null, 2))
 */
export const schemaOf = (project: Project, options: SchemaOptions = {}): JsonSchema => {
  const index = indexProject(project)
  return whilePlanning(index.objects, () => {
    const codecs = codecSchemas(index.objects, Object.keys(project.globals))
    const values = valueSchemas(index, codecs)
    const body = options.of === 'contexts' ? contextSchema(values, codecs) : configSchema(index, values, codecs)
    const { definitions, ...rest } = body
    const all = { ...(isRecord(definitions) ? definitions : {}), ...codecs.definitions() }
    return {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: options.of === 'contexts' ? 'Contexts of this project' : 'Configs of this project',
      ...rest,
      ...(Object.keys(all).length === 0 ? {} : { definitions: all }),
    }
  })
}

const own: JsonSchema = { '^x-': true }
const schemaLink: JsonSchema = { type: 'string', description: 'the schema of this file, for editors' }

const configSchema = (
  index: ProjectIndex,
  values: Readonly<Record<string, JsonSchema>>,
  codecs: CodecSchemas,
): JsonSchema => {
  const config = {
    type: ['object', 'null'],
    properties: {
      tasks: listOr(
        taskPattern(index, codecs),
        'tasks that this config brings: names, or patterns with * for any letters',
      ),
      excluded_tasks: listOr(taskPattern(index, codecs), 'tasks that it does not bring although a pattern fits'),
      uses: listOr(
        usesEntry,
        'configs whose tasks belong to the chain too: paths relative to this file, ' +
          "with '#part' for a part and ' as name' for a namespace",
      ),
      human_readable_data_name: readableName(codecs),
      main_part: { type: ['boolean', 'null'], description: 'the part that is meant where none is named' },
      ...values,
    },
    patternProperties: own,
    additionalProperties: false,
  }
  return {
    if: { type: 'object', required: ['configs'] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema, not a function
    then: {
      properties: {
        configs: {
          type: 'object',
          minProperties: 1,
          propertyNames: { pattern: safeName },
          additionalProperties: { $ref: '#/definitions/config' },
          description: 'the parts of this file',
        },
        $schema: schemaLink,
      },
      patternProperties: own,
      additionalProperties: false,
    },
    else: { ...config, properties: { ...config.properties, $schema: schemaLink } },
    definitions: { config },
  }
}

const contextSchema = (values: Readonly<Record<string, JsonSchema>>, codecs: CodecSchemas): JsonSchema => {
  const names = Object.keys(values).map(inPattern)
  const laid = {
    properties: { human_readable_data_name: readableName(codecs), ...values },
    // dotted paths to one leaf of a value
    patternProperties: { ...own, ...(names.length === 0 ? {} : { [`^(?:${names.join('|')})\\..`]: true }) },
    additionalProperties: false,
  }
  return {
    type: ['object', 'null'],
    ...laid,
    properties: {
      uses: listOr(usesEntry, 'further contexts: paths relative to this file'),
      for_namespaces: {
        type: ['object', 'null'],
        additionalProperties: { $ref: '#/definitions/values' },
        description: 'values for the configs of one namespace',
      },
      main_part: { type: ['boolean', 'null'] },
      ...laid.properties,
      $schema: schemaLink,
    },
    definitions: { values: { type: ['object', 'null'], ...laid } },
  }
}

/** One item or a list; an empty value counts as absent. */
const listOr = (item: JsonSchema, description: string): JsonSchema => ({
  description,
  anyOf: [item, { type: 'array', items: item }, { type: 'null' }],
})

/** `file[#part][ as namespace]`, `#part`, or a path completed by a placeholder. */
const usesEntry: JsonSchema = {
  type: 'string',
  pattern:
    '^\\s*(?:[^#]+\\.(?:[yY][aA]?[mM][lL]|[jJ][sS][oO][nN])(?:#[^#]*?)?|#[^#]+?|.*\\{[^{}\\s]+\\}.*?)' +
    '(?:\\s+as\\s+\\S+)?\\s*$',
}

const safeName = '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$'

const readableName = ({ placeholder }: CodecSchemas): JsonSchema => {
  const name = { type: 'string', pattern: safeName }
  return {
    description: 'what readable links to the results are called',
    anyOf: [name, ...(placeholder === undefined ? [] : [placeholder]), { type: 'null' }],
  }
}

/**
 * Task names with their docs for completion, entire groups, and any pattern with a star. `group:name` is equivalent to
 * `group.name`.
 */
const taskPattern = (index: ProjectIndex, { placeholder }: CodecSchemas): JsonSchema => {
  const names = [...index.entries.keys()].map(dottedForm).sort(byCodeUnit)
  const groups = [...new Set(names.map((name) => `${name.slice(0, name.lastIndexOf('.'))}.*`))]
  const documented = [...index.entries.values()].flatMap((entry) => {
    const doc = docOf(entry)
    return doc === undefined ? [] : [{ const: dottedForm(entry.fullName), description: doc }]
  })
  const known = new Set(documented.map((one) => one.const))
  const plain = [...groups, '**', ...names.filter((name) => !known.has(name))]
  return {
    anyOf: [
      { enum: plain },
      ...documented,
      { type: 'string', pattern: '\\*' },
      ...(names.length === 0
        ? []
        : [
            {
              type: 'string',
              pattern: `^(?:${names.map((name) => inPattern(name).replaceAll('\\.', '[.:]')).join('|')})$`,
            },
          ]),
      ...(placeholder === undefined ? [] : [placeholder]),
    ],
  }
}

/** The description of a task. */
export const docOf = ({ task }: IndexedTask): string | undefined => {
  const doc = fieldOf(task.declaration.meta, 'doc')
  return typeof doc === 'string' ? doc : undefined
}

interface Reader {
  readonly task: string
  readonly param: IndexedParam
}

/** Schemas of all values that tasks read; a value read by several tasks may match any of their schemas. */
const valueSchemas = (index: ProjectIndex, codecs: CodecSchemas): Readonly<Record<string, JsonSchema>> => {
  const readers = new Map<string, Reader[]>()
  for (const entry of index.entries.values())
    for (const param of entry.params)
      readers.set(param.nameInConfig, [...(readers.get(param.nameInConfig) ?? []), { task: entry.fullName, param }])
  return Object.fromEntries(
    [...readers]
      .sort(([left], [right]) => byCodeUnit(left, right))
      .map(([name, all]) => [name, valueSchema(all, index, codecs)]),
  )
}

const valueSchema = (readers: readonly Reader[], index: ProjectIndex, codecs: CodecSchemas): JsonSchema => {
  const schemas = unique(readers.map(({ param: { declared } }) => withoutNotes(codecs.ofParam(declared))))
  const defaults = readers.map(({ param }) => defaultOf(param.declared, index.objects))
  const [first] = defaults
  const agreed = first !== undefined && unique(defaults).length === 1 ? { default: first.value } : {}
  const [only] = schemas
  const schema = schemas.some((one) => Object.keys(one).length === 0)
    ? {}
    : schemas.length === 1 && only !== undefined
      ? only
      : { anyOf: schemas }
  return withNotes(schema, { description: description(readers, defaults), ...agreed })
}

/** Removes docs and default, which are combined for all readers. */
const withoutNotes = (schema: JsonSchema): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== 'description' && keyword !== 'default'))

const unique = <A>(values: readonly A[]): readonly A[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
]

const description = (
  readers: readonly Reader[],
  defaults: readonly ({ readonly value: unknown } | undefined)[],
): string => {
  const docs = unique(readers.flatMap(({ param }) => (param.declared.doc === undefined ? [] : [param.declared.doc])))
  const types = unique(
    readers.map(({ param }) => `${param.declared.codec.name.slice(0, 80)}${param.declared.secret ? ', secret' : ''}`),
  )
  const texts = unique(defaults.map((one) => (one === undefined ? undefined : JSON.stringify(one.value))))
  const [only] = texts
  const tasks = readers.map(({ task }) => task)
  const listed = tasks.length <= 8 ? tasks.join(', ') : `${tasks.slice(0, 8).join(', ')} and ${tasks.length - 8} more`
  const shown = only !== undefined && only.length > 80 ? `${only.slice(0, 79)}…` : only
  const preset = texts.length === 1 && shown !== undefined ? `; default ${shown}` : ''
  return [...docs, `${types.join(' or ')}${preset}; read by ${listed}`].join('\n\n')
}
