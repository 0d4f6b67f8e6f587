import type { DataSpec, Returned } from '../declare/format.js'
import type { Input } from '../declare/input.js'
import { formatOf } from '../declare/json/json.js'
import type { Params } from '../declare/param.js'
import type { NamedAs, Naming, TaskCalled } from '../declare/task.js'
import { phantom, type CompileError } from '../declare/types.js'
import { argumentsOf, optionalText, textOf, valueOf, withoutSecrets } from './arguments.js'
import type { CommandSpec, ProgramFiles, ProgramInputs, WrittenAs } from './command-types.js'
import { environmentOf } from './environment.js'
import { programTask, type Given } from './program-task.js'
import type { ProgramPlace, ProgramStart } from './run-program.js'

/** The arguments of the task's `run`, for its tests. In this file, so that the compiler shows it evaluated. */
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
 * A task that a program computes: started without a shell, with arguments passed unchanged. The task succeeds when the
 * program ends with code 0 and its output passes the check of the format; the output is stored as it was written. What
 * the program prints goes to the task's log; signals reach all processes that it has started.
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
 * An input that is written to a separate file before the program starts, in a format that the program can read; its
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

/** Whether a format accepts the values of an input. */
type Takes<F extends DataSpec, Value> = [Value] extends [Returned<F>]
  ? unknown
  : CompileError<'this format does not take what the input yields'>
