import type { ConfigDocument, ConfigPart, ConfigValue } from '../../config/config-types.js'
import { pushTo } from '../../base/grouping.js'
import { snake, taskNameOf } from '../../declare/names.js'
import { isReservedName } from '../../declare/param.js'
import { codecOf, draftClasses, placeholdersIn, type DraftClass } from './draft-values.js'
import type { NewFile } from './init-files.js'

/**
 * A project drafted from configs of the Python library: pipelines from `tasks`, params and classes from values. The
 * configs are kept, with their patterns shortened to `pipeline.name`; people write what the tasks compute.
 */

/** A config that was read, with its path below the folder of configs. */
export interface OldConfig {
  readonly path: string
  readonly text: string
  readonly document: ConfigDocument
}

type OwnFile = Omit<NewFile, 'shared'>

export const draftProject = (configs: readonly OldConfig[]): readonly OwnFile[] => {
  const parts = configs.flatMap(({ document }) => [...document.parts.values()])
  const pipelines = draftPipelines(parts)
  const values = parts.flatMap((part) =>
    [...part.values].flatMap(([name, { value }]) => (isParam(name) ? [value] : [])),
  )
  const classes = draftClasses(values)
  const objects = pipelines.some(({ name }) => name === 'objects') ? 'object_classes' : 'objects'
  return [
    ...configs.map((config) => ({ path: `configs/${config.path}`, text: shortened(config) })),
    ...(classes.length === 0 ? [] : [{ path: `tasks/${objects}.ts`, text: objectsText(classes) }]),
    ...pipelines.map((pipeline) => ({ path: `tasks/${pipeline.name}.ts`, text: pipelineText(pipeline, objects) })),
    { path: 'taskchain.config.ts', text: projectText(pipelines, placeholdersIn(values)) },
    { path: 'test/project.test.ts', text: testText },
    { path: 'README.md', text: readmeText },
  ]
}

interface DraftPipeline {
  readonly name: string
  /** Names of tasks that configs list one by one; `draft` stands for `pipeline.*`. */
  readonly tasks: readonly string[]
  readonly params: ReadonlyMap<string, readonly ConfigValue[]>
  /** Number of parts that use it: a param with fewer values is optional. */
  readonly count: number
}

/** The last two parts of a dotted path: `project.tasks.movies.AllMoviesTask` is `movies` and `all_movies`. */
const shortPattern = (pattern: string): string => {
  const [name = '', pipeline] = pattern.split('.').toReversed()
  const task = /^[A-Z]\w*$/.test(name) ? taskNameOf(name) : name
  return pipeline === undefined ? task : `${snake(pipeline)}.${task}`
}

const draftPipelines = (parts: readonly ConfigPart[]): readonly DraftPipeline[] => {
  const found = new Map<string, { tasks: Set<string>; params: Map<string, ConfigValue[]>; count: number }>()
  for (const part of parts) {
    const brought = new Set<string>()
    for (const { text } of [...part.tasks, ...part.excludedTasks]) {
      const [name = '', task = ''] = shortPattern(text).split('.')
      if (!/^[a-z]\w*$/.test(name)) continue
      const pipeline = found.get(name) ?? { tasks: new Set(), params: new Map<string, ConfigValue[]>(), count: 0 }
      found.set(name, pipeline)
      pipeline.tasks.add(/^[A-Za-z_]\w*$/.test(task) ? task : 'draft')
      brought.add(name)
    }
    for (const name of brought) {
      const pipeline = found.get(name)
      if (pipeline === undefined) continue
      pipeline.count += 1
      for (const [param, { value }] of part.values) if (isParam(param)) pushTo(pipeline.params, param, value)
    }
  }
  return [...found].map(([name, { tasks, params, count }]) => ({ name, tasks: [...tasks], params, count }))
}

const isParam = (name: string): boolean => /^(?!__)[A-Za-z_]\w*$/.test(name) && !isReservedName(name)

/** The text of a config with its patterns shortened in place; comments and order are preserved. */
const shortened = ({ text, document }: OldConfig): string => {
  const lines = text.split('\n')
  const patterns = [...document.parts.values()].flatMap((part) => [...part.tasks, ...part.excludedTasks])
  // from the right, so that columns to the left stay valid
  for (const { text: pattern, place } of patterns.toSorted((left, right) => right.place.column - left.place.column)) {
    const line = lines[place.line - 1] ?? ''
    const [before, after] = [line.slice(0, place.column - 1), line.slice(place.column - 1)]
    lines[place.line - 1] = before + after.replace(pattern, () => shortPattern(pattern))
  }
  return lines.join('\n')
}

const camel = (name: string): string =>
  name.replace(/(?<=[a-zA-Z0-9])_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** The name of a variable, adjusted if it is a reserved word or already used in the draft. */
const variable = (name: string): string => (taken.has(camel(name)) ? `${camel(name)}_` : camel(name))

const taken = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected ' +
    'public return static super switch this throw true try typeof var void while with yield ' +
    't object param anyValue defineTask defineProject process'
  ).split(' '),
)

/** A name as the key of an object literal: argument names may be any text. */
const keyText = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name))

/** A param as the field of an object literal: required if every place sets it, else null by default. */
const paramText = (name: string, values: readonly ConfigValue[], count: number): string => {
  const key = camel(name)
  const codec = codecOf(values)
  const options = [
    ...(values.length < count ? ['default: null'] : []),
    ...(snake(key) === name ? [] : [`nameInConfig: ${/^\w+$/.test(name) ? `'${name}'` : JSON.stringify(name)}`]),
  ]
  if (options.length === 0) return `    ${keyText(key)}: ${codec},`
  const nullable =
    values.length < count && !/unknown|anyValue|t\.null/.test(codec) ? `t.union([${codec}, t.null])` : codec
  return `    ${keyText(key)}: param(${nullable}, { ${options.join(', ')} }),`
}

const pipelineText = ({ name, tasks, params, count }: DraftPipeline, objects: string): string => {
  const lines = [...params].map(([param, values]) => paramText(param, values, count))
  const text = lines.join('\n')
  const used = ['anyValue', 'object', 'param'].filter((word) => new RegExp(`\\b${word}\\b`).test(text))
  const classes = [...text.matchAll(/object\(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(', '))
  return `import * as t from 'io-ts'
import { ${['defineTask', ...used].toSorted().join(', ')} } from 'taskchain'
${classes.length === 0 ? '' : `import { ${[...new Set(classes)].toSorted().join(', ')} } from './${objects}.js'\n`}
// A draft. Every config that brings '${name}' gives these params: leave each task those that it reads, say its inputs
// and the format of its result under 'data', and write what it computes.
${tasks.map((task) => taskText(name, task, text)).join('\n')}`
}

const taskText = (pipeline: string, task: string, params: string): string => {
  const [name, exported] = [variable(task), camel(task)]
  return `
${name === exported ? 'export ' : ''}const ${name} = defineTask({
  params: {
${params}
  },
  data: t.unknown,
}).run(() => {
  throw new Error('${pipeline}:${task} is not written yet')
})
${name === exported ? '' : `export { ${name} as ${exported} }\n`}`
}

const objectsText = (classes: readonly DraftClass[]): string => {
  const texts = classes.map(({ name, dotted, args, count }) => {
    const lines = [...args].map(([arg, values]) => paramText(arg, values, count))
    const spec = lines.length === 0 ? '{}' : `{\n  args: {\n${lines.join('\n')}\n  },\n}`
    return `export const ${name} = defineObject('${dotted}', ${spec}).create((args): unknown => {
  throw new Error(\`${name} is not written yet: \${JSON.stringify(args)}\`)
})
`
  })
  const used = ['anyValue', 'object', 'param'].filter((word) =>
    texts.some((text) => new RegExp(`\\b${word}\\(|\\b${word},`).test(text)),
  )
  const codecs = texts.some((text) => text.includes('t.')) ? "import * as t from 'io-ts'\n" : ''
  return `${codecs}import { ${['defineObject', ...used].toSorted().join(', ')} } from 'taskchain'

// A draft of the classes that configs name, dotted as there, with the arguments that they give.

${texts.join('\n')}`
}

const entryText = (name: string): string => (variable(name) === name ? name : `${name}: ${variable(name)}`)

const projectText = (
  pipelines: readonly DraftPipeline[],
  globals: readonly string[],
): string => `import { defineProject } from 'taskchain'
${pipelines.map(({ name }) => `import * as ${variable(name)} from './tasks/${name}.js'`).join('\n')}

export default defineProject({
  root: import.meta.dirname,
  pipelines: { ${pipelines.map(({ name }) => entryText(name)).join(', ')} },
${
  globals.length === 0
    ? ''
    : `  // what stands in braces in configs
  globals: { ${globals.map((name) => `${name}: process.env['${name}'] ?? '${name.toLowerCase()}'`).join(', ')} },
`
}})
`

const testText = `import { expect, test } from 'vitest'
import project from '../taskchain.config.js'

test('the project has pipelines', () => {
  expect(Object.keys(project.pipelines)).not.toEqual([])
})
`

const readmeText = `# {{name}}

Drafted from configs of the Python library. The configs are taken over, with patterns
shortened to \`pipeline.name\`; tasks and classes are skeletons.

\`\`\`sh
npm install
npx taskchain check                           # every config is planned
npx vitest run
\`\`\`

1. Write the tasks in \`tasks/\`: which params each reads, which inputs, which format, what it computes.
   \`npx tsc\` checks all types.
2. Write the classes in \`tasks/objects.ts\`, where configs name some.
3. \`npx taskchain plan CONFIG\`, \`npx taskchain run CONFIG\`.

The page *Coming from Python TaskChain* of the docs has every notion side by side.
`
