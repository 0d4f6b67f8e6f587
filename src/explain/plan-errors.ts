import type { PlanError, Unfilled } from '../errors.js'
import { didYouMean, hints, listed, oneLine, placeText, quoted, type Sentence, type Sentences } from './words.js'

/** The sentence for each error of planning. */
export const planErrors: Sentences<PlanError> = {
  ConfigNotFound: (error) => ({
    place: error.place,
    message: `config ${quoted(error.origin)} not found`,
    hint: unfilledHint(error.unfilled) ?? nearConfigs(error.near) ?? notFoundHint(error),
  }),
  ConfigUnreadable: (error) => ({
    place: error.place,
    message: `config ${quoted(error.origin)} cannot be read: ${oneLine(error.reason)}`,
  }),
  YamlSyntax: (error) => ({
    place: error.place,
    message: `invalid ${/\.json$/i.test(error.place.origin) ? 'JSON' : 'YAML'}: ${oneLine(lowerFirst(error.reason))}`,
    hint: yamlHints.find(([words]) => words.test(error.reason))?.[1],
  }),
  DuplicateKey: (error) => ({
    place: error.place,
    message: `${quoted(error.key)} is given twice, first at ${placeText(error.first)}`,
    hint: 'remove one of them',
  }),
  NumberTooLarge: (error) => ({
    place: error.place,
    message: `${oneLine(error.text)} is more than a number can hold exactly`,
    hint: 'put it in quotes and let the codec of the param read text',
  }),
  TooLarge: (error) => ({
    place: error.place,
    message: `${error.what}: more than ${error.limit}`,
    hint: 'configs hold parameters; keep large data in a file and name it in the config',
  }),
  BadStructure: (error) => ({
    place: error.place,
    message:
      `${error.key === '' ? 'a config' : quoted(error.key)}` +
      ` must be ${error.expected}, not ${oneLine(error.actual)}`,
  }),
  UnknownPart: (error) => ({
    place: error.place,
    message: `config ${quoted(error.origin)} has no part ${quoted(error.part)}`,
    hint:
      error.known.length === 0
        ? `it has no parts; leave out '#${oneLine(error.part)}'`
        : `it has: ${listed(error.known)}`,
  }),
  NoMainPart: (error) => ({
    place: error.place,
    message: 'several parts and none of them is the main one',
    hint: `say 'main_part: true' in one part, or name one as in 'file#part'; parts: ${listed(error.parts)}`,
  }),
  SeveralMainParts: (error) => ({
    place: error.place,
    message: `several main parts: ${listed(error.parts)}`,
    hint: "leave 'main_part: true' in one of them",
  }),
  UsesCycle: (error) => ({
    place: error.place,
    message: `configs use each other in a cycle: ${error.path.map(oneLine).join(' → ')}`,
    hint: "remove one of these from 'uses'",
  }),
  ContextStructure: (error) => {
    if (error.key === 'configs')
      return {
        place: error.place,
        message: 'a file of several parts cannot be a context',
        hint: "name one of its parts as in 'file#part'",
      }
    return {
      place: error.place,
      message: `a context cannot give ${quoted(error.key)}`,
      hint: 'contexts only override values; tasks are listed in configs',
    }
  },
  UnsafeName: (error) => {
    if (error.what === 'key')
      return {
        place: error.place,
        message: `${quoted(error.name)} cannot be a name: JavaScript gives it a meaning of its own`,
        hint: 'use another name',
      }
    return {
      place: error.place,
      message: `${error.what} ${quoted(error.name)} cannot become part of a path`,
      hint: unsafeHint(error.name),
    }
  },
  InvalidGlobal: (error) => ({
    message: `global ${quoted(error.name)} of the project is ${oneLine(error.actual)}`,
    hint:
      error.actual === 'undefined'
        ? "give it a text; for an environment variable that may be unset: process.env['NAME'] ?? 'default'"
        : 'globals are texts, numbers or URLs, or { value, inKey } with one of these',
  }),
  UnknownPath: (error) => ({
    place: error.place,
    message: `${quoted(error.path)} is not a path to a config: ${oneLine(error.reason)}`,
  }),
  UnknownTasks: (error) => ({
    place: error.place,
    message:
      error.reason === undefined
        ? `no task matches ${quoted(error.pattern)}`
        : `no task matches ${quoted(error.pattern)}: ${oneLine(error.reason)}`,
    hint: hints(
      error.pattern.startsWith('~') ? "'~' begins a regular expression in names of inputs only" : undefined,
      didYouMean(error.near) ?? "patterns say 'pipeline.task', with '*' for any letters",
    ),
  }),
  DuplicateTask: (error) => ({
    place: error.place,
    message: `task ${quoted(error.node)} is included twice, first at ${placeText(error.first)}`,
    hint:
      error.key === error.firstKey
        ? 'both compute the same: include it in one config and let the other use that one'
        : "they differ in values: put one of them in a namespace ('uses: file as name'), " +
          "or leave it out with 'excluded_tasks'",
  }),
  NameClash: (error) => ({
    message: `several exports make the task ${quoted(error.name)}: ${listed(error.exports)}`,
    hint: "rename one, or give it another 'name' or 'group'",
  }),
  SameTaskTwice: (error) => ({
    message: `one task is exported under several names: ${listed(error.names)}`,
    hint: "export it once; for a second one use derive(task, { name: '…' })",
  }),
  SimilarNames: (error) => ({
    message: `task names that differ only in case: ${listed(error.names)}`,
    hint: 'they would share a folder on case-insensitive disks; rename one',
  }),
  InvalidDeclaration: (error) => ({
    message: `task ${quoted(error.task)}: ${oneLine(error.problem)}`,
    hint: oneLine(error.hint),
  }),
  MissingParam: (error) => missingParam(error),
  InvalidParam: (error) => ({
    place: error.place,
    message: `param ${quoted(error.param)} of ${quoted(error.node)}: ${oneLine(error.problem)}`,
    hint: error.overriddenBy === undefined ? undefined : `the value comes from ${placeText(error.overriddenBy)}`,
  }),
  UnknownClass: (error) => ({
    place: error.place,
    message: `param ${quoted(error.param)} of ${quoted(error.node)}: unknown class ${quoted(error.className)}`,
    hint: didYouMean(error.near) ?? unknownClassHint(error.known),
  }),
  WrongClassArguments: (error) => ({
    place: error.place,
    message:
      `param ${quoted(error.param)} of ${quoted(error.node)}` +
      `${error.path === '' ? '' : `, at ${oneLine(error.path)}`}: ${oneLine(error.problem)}`,
  }),
  UnencodableParam: (error) => ({
    place: error.place,
    message: `param ${quoted(error.param)} of ${quoted(error.node)} cannot enter a key: ${oneLine(error.problem)}`,
    hint: 'its codec must encode to JSON values or bigint',
  }),
  FileUnreadable: (error) => ({
    place: error.place,
    message:
      `param ${quoted(error.param)} of ${quoted(error.node)}: ` +
      (error.kind === 'glob'
        ? `files of the pattern ${quoted(error.path)}: ${oneLine(error.problem)}`
        : `the ${error.kind ?? 'file'} ${quoted(error.path)} cannot be read: ${oneLine(error.problem)}`),
    hint:
      unfilledHint(error.unfilled) ??
      didYouMean(error.near) ??
      (/^(?:\/|[A-Za-z]:)/.test(error.path) ? undefined : "relative paths start from the project's root"),
  }),
  InputNotExported: (error) => ({
    place: error.place,
    message: `input ${quoted(error.role)} of ${quoted(error.node)} is a task that no pipeline exports`,
    hint:
      error.inTest === true
        ? "list it under 'tasks' of testChain, or give its value under 'mocks'"
        : 'export it from a module that defineProject lists under pipelines',
  }),
  PathOfMemory: (error) => ({
    place: error.place,
    message:
      `input ${quoted(error.role)} of ${quoted(error.node)} is the path of ${quoted(error.input)}, ` +
      'which is kept in memory only',
    hint: 'give that task a format that makes a file or a folder, or take its value',
  }),
  MissingInput: (error) => missingInput(error),
  AmbiguousInput: (error) => ({
    place: error.place,
    message:
      `input ${quoted(error.role)} of ${quoted(error.node)}: ` +
      `${quoted(error.wanted)} fits several tasks: ${listed(error.matches)}`,
    hint: "say 'group:name', or 'namespace::group:name'",
  }),
  TaskCycle: (error) => ({
    message: `tasks read each other in a cycle: ${error.path.map(oneLine).join(' → ')}`,
    hint: 'one of these inputs has to go, or come from another namespace',
  }),
  UnreadValue: (error) => unreadValue(error),
  NothingToPlan: (error) => ({
    place: error.place,
    message: 'the config has no tasks',
    hint:
      error.near === undefined
        ? "list some under 'tasks', or configs that have some under 'uses'"
        : `${quoted(error.near.name)} is read as a value: did you mean ${quoted(error.near.key)}?`,
  }),
}

/** The rule that a name breaks; each segment of a namespace is checked against it. */
const unsafeHint = (name: string): string => {
  const device = name.split('::').find((segment) => /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(segment))
  if (device !== undefined)
    return `${quoted(device)} is a device name on Windows, so no file can have it; use another name`
  if (name.split('::').every((segment) => /^\w[\w.-]{0,99}$/.test(segment))) return "leave out '..', and '.' at the end"
  return "use letters, digits, '_', '-' and '.', starting with a letter, a digit or '_', at most 100 characters"
}

const unfilledHint = (unfilled: Unfilled | undefined): string | undefined =>
  unfilled === undefined
    ? undefined
    : hints(`${quoted(unfilled.placeholder)} is not a global of the project`, didYouMean(unfilled.near))

const nearConfigs = (near: readonly string[]): string | undefined =>
  hints(
    near.some((path) => path.endsWith('#')) ? "a name with ' as ' or '#' in it ends with another '#'" : undefined,
    didYouMean(near),
  )

const notFoundHint = ({ origin, place, written }: PlanError & { readonly _tag: 'ConfigNotFound' }): string => {
  if (place === undefined)
    return "configs are looked for from the working folder, the project's root and its configs folder"
  const relative = 'paths are relative to the file they are in'
  if (written === undefined) return relative
  const filled = `this is ${quoted(written)} with the project's globals filled in`
  return origin.startsWith('/') || origin.startsWith('../')
    ? filled
    : `${filled}; ${relative} unless they start with '/'`
}

const unreadValue = ({ of, place, name, near, elsewhere }: PlanError & { readonly _tag: 'UnreadValue' }): Sentence => ({
  place,
  message:
    `no task of this ${of === 'config' ? 'config' : 'chain'}` +
    ` reads ${quoted(name)}${of === 'context' ? ' of the context' : ''}`,
  hint: hints(
    didYouMean(near),
    elsewhere.length === 0 ? undefined : `read by ${listed(elsewhere, 3)}, which another config brings`,
    of === 'set' ? undefined : "the project is strict: remove it, or start its name with 'x-' to keep it",
  ),
})

/** A long list of names does not help if none of them is similar. */
const unknownClassHint = (known: readonly string[]): string => {
  if (known.length === 0) return "no class is registered; add it to 'objects' of defineProject"
  return known.length <= 8
    ? `registered: ${listed(known)}`
    : `none of the ${known.length} classes known here has a similar name`
}

const missingParam = (error: PlanError & { readonly _tag: 'MissingParam' }): Sentence => {
  const name =
    error.nameInConfig === error.param
      ? quoted(error.param)
      : `${quoted(error.param)} (${quoted(error.nameInConfig)} in configs)`
  const [elsewhere, ...others] = error.elsewhere
  return {
    place: error.place,
    message: error.emptyValue
      ? `param ${name} of ${quoted(error.node)} has an empty value, and its codec does not accept null`
      : `param ${name} of ${quoted(error.node)} has no value`,
    hint: hints(
      error.near.length === 0
        ? undefined
        : `this config has ${listed(error.near)}: did you mean ${quoted(error.nameInConfig)}?`,
      elsewhere === undefined
        ? undefined
        : `${placeText(elsewhere)}${others.length === 0 ? ' has' : ` and ${others.length} more have`}` +
            ' it, but a task reads only the config that brings it: move it there',
      error.near.length > 0 || elsewhere !== undefined ? undefined : noValueHint(error),
    ),
  }
}

const noValueHint = (error: PlanError & { readonly _tag: 'MissingParam' }): string => {
  if (error.secret === true)
    return `it is secret: name an environment variable that holds it, '${oneLine(error.nameInConfig)}: { env: NAME }'`
  return error.emptyValue
    ? 'give it a value, or make the codec nullable'
    : `add '${oneLine(error.nameInConfig)}: …' to this config, or give the param a default`
}

const missingInput = (error: PlanError & { readonly _tag: 'MissingInput' }): Sentence => ({
  place: error.place,
  message: `input ${quoted(error.role)} of ${quoted(error.node)}: no task ${quoted(error.wanted)} in this chain`,
  hint:
    hints(
      didYouMean(error.near),
      error.elsewhere.length === 0
        ? undefined
        : `there is ${listed(error.elsewhere)} in another namespace; ` +
            "inputs are looked up in the task's own: say from('namespace', …) or 'namespace::group:name'",
    ) ?? "add it to 'tasks' of a config in this namespace, or make the input optional",
})

/** What messages of the YAML parser usually mean. */
const yamlHints: readonly (readonly [RegExp, string])[] = [
  [/tab/i, 'indent with spaces'],
  [
    /^(?:Implicit keys|Nested mappings|All mapping items|A block sequence|Sequence content|Unexpected block)|indent/,
    "check the indentation here and in the next line; text that holds ': ' needs quotes",
  ],
  [/^Plain value cannot start|^Reserved|^Unexpected scalar/, 'put this text in quotes'],
]

const lowerFirst = (text: string): string =>
  /^[A-Z][a-z ]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
