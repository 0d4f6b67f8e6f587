import type { DataSpec, Returned } from '../declare/format.js'
import type { Input } from '../declare/input.js'
import { formatOf } from '../declare/json/json.js'
import { toParam, type Params } from '../declare/param.js'
import type { NamedAs, Naming, TaskCalled } from '../declare/task.js'
import { phantom, type CompileError } from '../declare/types.js'
import type { CommandSpec, ProgramFiles, ProgramInputs, WrittenAs } from './command-types.js'
import { environmentOf } from './environment.js'
import { programTask, type Given } from './program-task.js'
import type { ProgramPlace, ProgramStart } from './run-program.js'

/** What the task's `run` is called with: for tests of it. In this file, so that the compiler shows it evaluated. */
export type ProgramArgs<I extends ProgramInputs, P extends Params, S extends ProgramFiles> = {
  [K in keyof (I & P & S)]: K extends keyof I
    ? I[K] extends WrittenAs<infer Value>
      ? Value
      : I[K]['_A']
    : K extends keyof P
      ? P[K]['_A']
      : K extends keyof S
        ? S[K] extends string
          ? string
          : string[]
        : never
} & {}

/**
 * A task that a program computes: started without a shell, with the arguments as they are. It is done when the program
 * ends with code 0 and has written its output, which is checked by its format and kept as it was written. What it
 * prints goes to the task's log; signals reach everything that it has started.
 *
 * @example
 * const sorted = command({
 *   inputs: { movies: asPath(allMovies) },
 *   params: { by: param(t.string, { default: '.votes' }) },
 *   program: 'jq',
 *   args: ({ inputs, params }) => [`sort_by(${params.by})`, inputs.movies],
 *   stdout: 'data',
 *   data: t.array(Movie),
 * })
 */
export const command = <
  F extends DataSpec,
  I extends ProgramInputs = {},
  P extends Params = {},
  S extends ProgramFiles = {},
  Name extends string | undefined = undefined,
  Group extends string | undefined = undefined,
>(
  spec: CommandSpec<I, P, S, F> & Naming<Name, Group>,
): TaskCalled<F['_A'], ProgramArgs<I, P, S>, NamedAs<Name, Group>> => {
  const { program, args = [], cwd, stdin } = spec
  const start = async (given: Given, place: ProgramPlace): Promise<ProgramStart> => {
    const shown = { ...given, params: withoutSecrets(spec.params ?? {}, given.params), output: place.output }
    const name = textOf(valueOf(program, shown), 'program')
    return {
      program: name,
      args: argumentsOf(valueOf(args, shown)),
      env: environmentOf(valueOf(spec.env ?? {}, { ...shown, params: given.params }), spec.passEnv ?? []),
      cwd: optionalText(cwd, shown, 'cwd'),
      stdin: optionalText(stdin, shown, 'stdin'),
    }
  }
  return programTask(spec, [program, args, spec.env ?? '', cwd ?? '', stdin ?? ''], start)
}

/**
 * An input that is written to a file of its own before the program starts, in a format that the program reads; its
 * argument is the path of that file.
 *
 * @example
 * const counted = command({
 *   inputs: { movies: writtenAs(allMovies, jsonLines(Movie)) },
 *   program: 'wc',
 *   args: ({ inputs }) => ['-l', inputs.movies],
 *   stdout: 'data',
 *   data: text(),
 * })
 */
export const writtenAs = <I extends Input, F extends DataSpec>(
  input: I,
  format: F & Takes<F, I['_A']>,
): WrittenAs<I['_A']> =>
  Object.freeze({ _tag: 'WrittenAs', _A: phantom, _value: phantom, input, format: formatOf(format) })

/** Whether a format takes what an input yields. */
type Takes<F extends DataSpec, Value> = [Value] extends [Returned<F>]
  ? unknown
  : CompileError<'this format does not take what the input yields'>

/** Arguments of a process can be read by everybody on the machine. */
const withoutSecrets = (declared: Params, values: Readonly<Record<string, unknown>>): Given['params'] =>
  Object.defineProperties(
    {},
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const isSecret = declared[name] !== undefined && toParam(declared[name]).secret
        const get = (): unknown => {
          if (!isSecret) return value
          throw new TypeError(`param '${name}' is secret, and arguments are seen by everybody: give it through 'env'`)
        }
        return [name, { get, enumerable: true }]
      }),
    ),
  )

const valueOf = (from: unknown, given: object): unknown =>
  typeof from === 'function' ? Reflect.apply(from, undefined, [given]) : from

const optionalText = (from: unknown, given: object, what: string): string | undefined => {
  const value = valueOf(from, given)
  return value === undefined ? undefined : textOf(value, what)
}

const textOf = (value: unknown, what: string): string => {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value
  throw new TypeError(`'${what}' of a command is to be a text, got ${JSON.stringify(value)}`)
}

const argumentsOf = (args: unknown): readonly string[] => {
  if (!Array.isArray(args)) throw new TypeError("'args' of a command is to be a list of texts and numbers")
  return args.map((one: unknown, at) => {
    if (typeof one === 'number' && Number.isFinite(one)) return String(one)
    if (typeof one !== 'string')
      throw new TypeError(`argument ${at + 1} of a command is to be a text or a number, got ${typeof one}`)
    if (one.includes('\0')) throw new TypeError(`argument ${at + 1} of a command has a NUL character in it`)
    return one
  })
}
