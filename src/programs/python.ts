import { writeFile } from 'node:fs/promises'
import * as t from 'io-ts'
import { delimiter, join } from 'node:path'
import { packageRoot } from '../base/package-root.js'
import { file, path } from '../declare/file-param.js'
import type { DataSpec } from '../declare/format.js'
import { asPath, type InNamespace, type Input, type Matching, type Optional, type Ref } from '../declare/input.js'
import { formatOf } from '../declare/json/json.js'
import { param, toParam, type Params } from '../declare/param.js'
import type { NamedAs, Naming, Task, TaskCalled } from '../declare/task.js'
import { argumentsOf, optionalText, textOf, valueOf, withoutSecrets } from './arguments.js'
import type { FromGiven, ProgramFiles, ProgramInputs, ProgramOptions, WrittenAs } from './command-types.js'
import { environmentOf } from './environment.js'
import { programTask, type Given } from './program-task.js'
import type { ProgramPlace, ProgramStart } from './run-program.js'

/** An input as a Python program receives it: the path of its artifact, which the helper module loads. */
export type PathIn<One extends ProgramInputs[string]> =
  One extends Matching<unknown>
    ? Readonly<Record<string, string>>
    : One extends Task | Ref<unknown> | InNamespace<unknown>
      ? string
      : One extends Optional<unknown>
        ? One['_A'] | string
        : One['_A']

/** What the arguments of a Python program are made from. */
export interface PythonGiven<I extends ProgramInputs, P extends Params, S extends ProgramFiles> {
  readonly inputs: { readonly [K in keyof I]: PathIn<I[K]> }
  /** Without secrets, since arguments are visible to all users: the helper module has them. */
  readonly params: { readonly [K in keyof P]: P[K]['_A'] }
  readonly files: { readonly [K in keyof S]: S[K] extends string ? string : readonly string[] }
  readonly output: string
}

/** The arguments of the task's `run`, for its tests. */
export type PythonArgs<I extends ProgramInputs, P extends Params, S extends ProgramFiles> = {
  [K in keyof (I & P & S)]: K extends keyof I
    ? I[K] extends WrittenAs<infer Value>
      ? Value
      : PathIn<I[K]>
    : K extends keyof P
      ? P[K]['_A']
      : K extends keyof S
        ? S[K] extends string
          ? string
          : string[]
        : never
} & {}

/** The code to run: a script, a module, or one function of a file, `'train.py:train'`; paths in the project. */
export type PythonCode =
  | { readonly script: string; readonly module?: never; readonly function?: never }
  | { readonly module: string; readonly script?: never; readonly function?: never }
  | { readonly function: string; readonly script?: never; readonly module?: never }

/** A program in Python, and its output. */
export type PythonSpec<I extends ProgramInputs, P extends Params, S extends ProgramFiles, F extends DataSpec> = Omit<
  ProgramOptions<I, P, S, F>,
  'stdin' | 'stdout' | 'env' | 'cwd'
> &
  PythonCode & {
    /** Arguments of a script or module that does not use the helper module. */
    readonly args?: FromGiven<readonly (string | number)[], PythonGiven<I, P, S>>
    readonly env?: FromGiven<Readonly<Record<string, string>>, PythonGiven<I, P, S>>
    readonly cwd?: FromGiven<string, PythonGiven<I, P, S>>
    /** The interpreter. Default `python3`; the one of a virtual environment has its packages. */
    readonly python?: FromGiven<string, PythonGiven<I, P, S>>
    /** Folders to search for modules, relative to the project's root. They are part of the key only as `files`. */
    readonly pythonPath?: readonly string[]
  }

/**
 * A task that a Python program computes. A `script` or `module` reads its inputs and params through the helper module
 * `taskchain` and returns its result with `taskchain.save`; a `function` gets them as keyword arguments and returns it.
 * NumPy arrays and pandas frames are passed both ways. The content of script and `files` is part of the key.
 *
 * @example
 * const trained = python({
 *   inputs: { allMovies },
 *   params: { l2: param(t.number, { default: 1 }) },
 *   function: 'models/ridge.py:fit',
 *   data: t.array(t.number),
 * })
 */
export const python = <
  F extends DataSpec,
  I extends ProgramInputs = {},
  P extends Params = {},
  S extends ProgramFiles = {},
  Name extends string | undefined = undefined,
  Group extends string | undefined = undefined,
>(
  spec: PythonSpec<I, P, S, F> & Naming<Name, Group>,
): TaskCalled<F['_A'], PythonArgs<I, P, S>, NamedAs<Name, Group>> => {
  const { script, module, function: called, args = [], cwd, env = {}, passEnv = [] } = spec
  const interpreter = spec.python ?? 'python3'
  const pythonPath = spec.pythonPath ?? []
  const target = called === undefined ? undefined : targetIn(called)
  const inputs = byPath(spec.inputs ?? {})
  const source = script ?? target?.file
  const start = async (given: Given, place: ProgramPlace): Promise<ProgramStart> => {
    const job = jobOf({ inputs, params: spec.params ?? {}, kind: formatOf(spec.data).kind }, given, place)
    await writeFile(join(place.work, 'job.json'), JSON.stringify(job.shown))
    const all = { ...given, output: place.output }
    const shown = { ...all, params: withoutSecrets(spec.params ?? {}, given.params) }
    const begun = target === undefined ? begin(given.own, module) : [caller(), String(given.own['script']), target.name]
    return {
      program: textOf(valueOf(interpreter, shown), 'python'),
      args: ['-u', ...begun, ...argumentsOf(valueOf(args, shown))],
      env: { ...usual, ...environmentOf(valueOf(env, all), passEnv), ...variablesOf(given.own, place, job.secrets) },
      cwd: optionalText(cwd, shown, 'cwd'),
      stdin: undefined,
    }
  }
  const own = {
    ...(source === undefined ? {} : { script: param(file, { default: source }) }),
    ...(pythonPath.length === 0
      ? {}
      : { pythonPath: param(t.array(path), { default: [...pythonPath], ignorePersistence: true }) }),
  }
  const code = [interpreter, module ?? '', target?.name ?? '', args, env, cwd ?? '']
  return programTask({ ...spec, inputs, own }, code, start)
}

const targetIn = (called: string): { readonly file: string; readonly name: string } => {
  const [, file, name] = /^(.+\.py):([\p{ID_Start}_][\p{ID_Continue}]*)$/u.exec(called) ?? []
  if (file === undefined || name === undefined)
    throw new TypeError(`python: a function is given as 'file.py:name', got '${called}'`)
  return { file, name }
}

const begin = (own: Given['own'], module: string | undefined): readonly string[] =>
  module === undefined ? [String(own['script'])] : ['-m', module]

/** The folder of the helper module. */
const helpers = (): string => join(packageRoot(), 'dist', 'programs', 'python')
const caller = (): string => join(helpers(), 'taskchain_call.py')

/** Tasks become paths: nothing is loaded in this process. */
const byPath = (inputs: ProgramInputs): ProgramInputs =>
  Object.fromEntries(
    Object.entries<Input | WrittenAs<unknown>>(inputs).map(([role, input]) => [
      role,
      // lazy inputs are refused by the compiler, and by the helper module
      (input._tag === 'WrittenAs' ? input : pathOf(input)) as ProgramInputs[string],
    ]),
  )

const pathOf = (input: Input): Input => {
  switch (input._tag) {
    case 'Task':
    case 'Ref':
    case 'Matching':
      return asPath<Task>(input as Task) // each of the three can be given as a path
    case 'Optional':
    case 'InNamespace':
      return Object.freeze({ ...input, input: pathOf(input.input) })
    default:
      return input
  }
}

interface JobParts {
  readonly inputs: ProgramInputs
  readonly params: Params
  readonly kind: string
}

/** The data for the helper module; secrets are passed separately. */
const jobOf = ({ inputs, params, kind }: JobParts, given: Given, { output }: ProgramPlace) => {
  const entries = Object.entries(given.inputs)
  const isFallback = ([role, value]: readonly [string, unknown]): boolean => {
    const input = inputs[role]
    return input?._tag === 'Optional' && Object.is(input.fallback, value)
  }
  const encoded = Object.entries(given.params).map(([name, value]) => {
    const { codec, secret } = toParam(params[name] ?? t.unknown)
    return { name, secret, value: plainOf(name, codec, value) }
  })
  const record = (isSecret: boolean) =>
    Object.fromEntries(encoded.flatMap(({ name, secret, value }) => (secret === isSecret ? [[name, value]] : [])))
  return {
    secrets: record(true),
    shown: {
      output,
      kind,
      files: given.files,
      params: record(false),
      paths: Object.fromEntries(entries.filter((entry) => !isFallback(entry))),
      values: Object.fromEntries(entries.filter(isFallback)),
    },
  }
}

/** A param as JSON, in the form that its codec would write into a config. */
const plainOf = (name: string, codec: t.Type<any, any>, value: unknown): unknown => {
  try {
    const encoded: unknown = codec.encode(value)
    JSON.stringify(encoded)
    return encoded
  } catch {
    throw new TypeError(`param '${name}' cannot be passed to Python: JSON cannot represent its value`)
  }
}

/** Unbuffered output, no files next to scripts, UTF-8, and a fixed order of sets; `env` may override it. */
const usual = { PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1', PYTHONHASHSEED: '0' }

const variablesOf = (own: Given['own'], { work }: ProgramPlace, secrets: object): Readonly<Record<string, string>> => ({
  PYTHONPATH: [helpers(), ...textsOf(own['pythonPath'])].join(delimiter),
  TASKCHAIN_JOB: join(work, 'job.json'),
  ...(Object.keys(secrets).length === 0 ? {} : { TASKCHAIN_SECRETS: JSON.stringify(secrets) }),
})

const textsOf = (list: unknown): readonly string[] => (Array.isArray(list) ? list.map(String) : [])
