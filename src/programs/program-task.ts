import * as t from 'io-ts'
import { codeText } from '../declare/code-text.js'
import { file } from '../declare/file-param.js'
import type { DataSpec } from '../declare/format.js'
import type { Input, Inputs } from '../declare/input.js'
import { formatOf } from '../declare/json/json.js'
import { param, type Params } from '../declare/param.js'
import { declarationOf, makeTask, type Declaration } from '../declare/task.js'
import type { Awaitable } from '../declare/types.js'
import type { ProgramFiles, ProgramInputs, Progress, WrittenAs } from './command-types.js'
import { producedFormat } from './produced.js'
import { runProgram, writeInput, type ProgramContext, type ProgramPlace, type ProgramStart } from './run-program.js'

/** What a run passes to a program, before it has an output: values of inputs, or their paths; params; files. */
export interface Given {
  readonly inputs: Readonly<Record<string, unknown>>
  readonly params: Readonly<Record<string, unknown>>
  readonly files: Readonly<Record<string, unknown>>
  readonly own: Readonly<Record<string, unknown>>
}

/** A spec whose parts were validated where it was written. */
export interface ProgramDeclared
  extends Partial<Pick<Declaration, 'name' | 'group' | 'version' | 'retry' | 'timeout' | 'onCodeChange' | 'refresh'>> {
  readonly inputs?: ProgramInputs | undefined
  readonly params?: Params | undefined
  readonly files?: ProgramFiles | undefined
  /** Params that this kind of task adds. */
  readonly own?: Params
  readonly data: DataSpec
  readonly stdout?: 'log' | 'data'
  readonly killAfter?: number
  readonly progress?: (line: string) => Progress | undefined
}

/** An ordinary task whose `run` starts a program. `code`: the functions and texts that count as its code. */
export const programTask = <T extends ReturnType<typeof makeTask>>(
  spec: ProgramDeclared,
  code: readonly unknown[],
  start: (given: Given, place: ProgramPlace) => Promise<ProgramStart>,
): T => {
  const { inputs = {}, params = {}, files = {}, own = {}, stdout = 'log', killAfter = 1500, progress } = spec
  refuseClashes(inputs, params, { ...files, ...own })
  const data = formatOf(spec.data)
  const given = async (args: Readonly<Record<string, unknown>>, work: string): Promise<Given> => ({
    inputs: Object.fromEntries(
      await Promise.all(
        Object.entries<Input | WrittenAs<unknown>>(inputs).map(
          async ([role, input]): Promise<[string, unknown]> => [
            role,
            input._tag === 'WrittenAs' ? await writeInput(input.format, args[role], work, role) : args[role],
          ],
        ),
      ),
    ),
    params: pickedFrom(args, Object.keys(params)),
    files: pickedFrom(args, Object.keys(files)),
    own: pickedFrom(args, Object.keys(own)),
  })
  const call = (args: Readonly<Record<string, unknown>>, context: ProgramContext) =>
    runProgram(
      { data, stdout, killAfter, progress, startIn: async (place) => start(await given(args, place.work), place) },
      context,
    )
  const declaration = declarationOf({
    ...spec,
    inputs: declaredInputs(inputs),
    params: { ...params, ...fileParams(files), ...own },
    data: producedFormat(data),
    codeOf: code.map((one) => (typeof one === 'function' ? one : codeText(JSON.stringify(one)))),
  })
  return makeTask<T>(declaration, runOf(call))
}

/** Its source is the same for every program and version of this library, so results do not go stale with it. */
const runOf = (call: (args: any, context: any) => Awaitable<unknown>) => (args: unknown, context: unknown) =>
  call(args, context)

const declaredInputs = (inputs: ProgramInputs): Inputs =>
  Object.fromEntries(
    Object.entries(inputs).map(([role, input]) => [role, input._tag === 'WrittenAs' ? input.input : input]),
  )

const fileParams = (files: ProgramFiles): Params =>
  Object.fromEntries(
    Object.entries(files).map(([name, path]) => [
      name,
      typeof path === 'string' ? param(file, { default: path }) : param(t.array(file), { default: [...path] }),
    ]),
  )

const pickedFrom = (args: Readonly<Record<string, unknown>>, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, args[name]]))

/** Clashes that the compiler refuses, reported to plain JavaScript, where one would silently replace another. */
const refuseClashes = (inputs: object, params: object, files: object): void => {
  const twice = Object.keys(files).find((name) => name in inputs || name in params)
  if (twice !== undefined) throw new TypeError(`'${twice}' is a file, and an input or a param as well: rename it`)
}
