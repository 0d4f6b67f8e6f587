import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { firstProblem } from '../declare/codec/codec.js'
import type { PlanError } from '../errors.js'
import type { AnyFormat } from '../declare/format.js'
import type { ObjectDefinition } from '../declare/object.js'
import { isReservedName, type ParamSpec } from '../declare/param.js'
import { Duration, RetryCodec } from '../declare/limits.js'
import { problemOfRefresh } from '../declare/refresh.js'
import { problemOfResources } from '../base/resource-amounts.js'
import { isInput, isTask, noCode, type Declaration } from '../declare/task.js'
import { namePattern } from './names/name-pattern.js'
import { itemAt } from '../base/present.js'
import { fieldOf, isObject, tagOf } from '../base/records.js'

/**
 * Checks a declaration for what the compiler would reject, for users without TypeScript, and for what only planning can
 * detect.
 */
export const checkDeclaration = (
  task: string,
  declaration: Declaration,
  read: readonly ReadParam[],
  areAllRead: boolean,
  errors: PlanError[],
): void => {
  if (!areAllRead || !areUsual(declaration) || !areUsualInputs(declaration, read) || !areUsualParams(read))
    checkAll(task, declaration, read, areAllRead, errors)
}

/** Whether nothing is set that most declarations leave out: a short test, since every task passes it. */
const areUsual = (declaration: Declaration): boolean =>
  declaration.version === undefined &&
  declaration.retry === undefined &&
  declaration.timeout === undefined &&
  declaration.onCodeChange === 'warn' &&
  declaration.deterministic === true &&
  declaration.refresh === undefined &&
  declaration.resources === undefined &&
  declaration.codeOf === noCode &&
  isData(declaration.data)

/** Whether all inputs are tasks that may be one, under names of their own. */
const areUsualInputs = ({ inputs }: Declaration, read: readonly ReadParam[]): boolean => {
  for (const role in inputs) {
    const input: unknown = inputs[role]
    if (!isTask(input) || input.declaration.abstract || role === '__proto__') return false
    for (let at = 0; at < read.length; at++) if (itemAt(read, at).name === role) return false
  }
  return true
}

/** Whether all params have names of their own in configs that are not reserved. */
const areUsualParams = (read: readonly ReadParam[]): boolean => {
  for (let index = 0; index < read.length; index++) {
    const { name, nameInConfig } = itemAt(read, index)
    if (isReservedName(name) || isReservedName(nameInConfig)) return false
    if (name === '__proto__' || nameInConfig === '__proto__') return false
    for (let earlier = 0; earlier < index; earlier++)
      if (itemAt(read, earlier).nameInConfig === nameInConfig) return false
  }
  return true
}

const checkAll = (
  task: string,
  declaration: Declaration,
  read: readonly ReadParam[],
  areAllRead: boolean,
  errors: PlanError[],
): void => {
  const wrong: Wrong = (problem, hint) => void errors.push({ _tag: 'InvalidDeclaration', task, problem, hint })
  const { inputs, params } = declaration
  for (const role of Object.keys(inputs)) {
    const problem = problemOfInput(inputs[role], 0)
    if (problem !== undefined) wrong(`input '${role}' ${problem.what}`, problem.hint)
    if (Object.hasOwn(params, role))
      wrong(`'${role}' is both an input and a param`, 'run cannot tell them apart, rename one')
    if (role === '__proto__') wrong("an input cannot be called '__proto__'", 'give it another name')
  }
  if (!areAllRead) checkSpecs(params, wrong)
  checkParams(read, wrong)
  if (!isData(declaration.data))
    wrong('data is neither a format nor an io-ts codec', "give one of 'taskchain/data', or a codec alone for JSON")
  if (declaration.version !== undefined && !isVersion(declaration.version))
    wrong(
      `version is ${typeof declaration.version === 'number' ? declaration.version : typeof declaration.version}`,
      'a version is a text or a finite number',
    )
  const { retry, timeout } = declaration
  if (retry !== undefined && !RetryCodec.is(retry))
    wrong(
      `retry: ${problemOf(RetryCodec, retry)}`,
      'use retry: { attempts: 3 }, optionally with delay, factor and maxDelay',
    )
  if (timeout !== undefined && !Duration.is(timeout))
    wrong(`timeout: ${problemOf(Duration, timeout)}`, 'leave it out for no limit')
  if (!['ignore', 'warn', 'recompute'].includes(declaration.onCodeChange))
    wrong(`onCodeChange is ${JSON.stringify(declaration.onCodeChange)}`, "use 'ignore', 'warn' or 'recompute'")
  if (typeof declaration.deterministic !== 'boolean')
    wrong(`deterministic is ${typeof declaration.deterministic}`, 'use true or false')
  checkRefresh(declaration, wrong)
  const resources = declaration.resources === undefined ? undefined : problemOfResources(declaration.resources, true)
  if (resources !== undefined)
    wrong(resources, "use resources: { memory: '4 GB', gpu: 1, queue: 'gpu', pool: 'process' }")
  if (!isCodeList(declaration.codeOf))
    wrong(
      'codeOf is not a list of functions, classes and modules',
      'list the functions themselves, or a module imported with import * as name',
    )
}

const checkRefresh = ({ refresh, data }: Declaration, wrong: Wrong): void => {
  if (refresh === undefined) return
  const problem = problemOfRefresh(refresh)
  if (problem !== undefined) wrong(problem, "use refresh: 'always' or refresh: { after: '12 hours' }")
  else if (isFormat(data) && data.persistence.storage === 'memory')
    wrong('refresh is set for a result that is kept in memory only', 'leave it out: each process computes it again')
}

const problemOf = (codec: t.Type<any>, value: unknown): string => {
  const outcome = codec.decode(value)
  return E.isLeft(outcome) ? firstProblem(outcome.left).message : ''
}

const isCodeList = (list: unknown): boolean =>
  Array.isArray(list) && list.every((item) => typeof item === 'function' || (typeof item === 'object' && item !== null))

/** A param and its name in configs. */
interface ReadParam {
  readonly name: string
  readonly nameInConfig: string
}

type Wrong = (problem: string, hint: string) => void

/** Errors in the declaration of a parameter-object class. */
export const checkObject = (definition: ObjectDefinition): readonly PlanError[] => {
  const errors: PlanError[] = []
  const wrong = (problem: string, hint: string): void =>
    void errors.push({ _tag: 'InvalidDeclaration', task: `object ${definition.className}`, problem, hint })
  if (typeof definition.className !== 'string' || definition.className === '')
    wrong('its class name is empty', 'pass defineObject the name that configs use')
  for (const [name, spec] of Object.entries(definition.args)) {
    if (!isParamSpec(spec))
      wrong(`argument '${name}' is neither a param nor an io-ts codec`, `declare it as param(codec)`)
    if (name === '__proto__') wrong("an argument cannot be called '__proto__'", 'give it another name')
    if (name === 'rest' && definition.rest !== undefined)
      wrong("an argument cannot be called 'rest' if there is a codec of the rest", 'give it another name')
  }
  return errors
}

/** A param or an io-ts codec. */
export const isParamSpec = (spec: unknown): spec is ParamSpec =>
  isObject(spec) && isCodec(spec['_tag'] === 'Param' && 'codec' in spec ? spec['codec'] : spec)

const isCodec = (value: unknown): boolean =>
  isObject(value) && typeof value['decode'] === 'function' && typeof value['encode'] === 'function'

/** Whether a value is a format complete enough for planning. */
export const isFormat = (value: unknown): value is AnyFormat =>
  tagOf(value) === 'Format' && typeof fieldOf(value, 'kind') === 'string' && isObject(fieldOf(value, 'persistence'))

const isData = (value: unknown): boolean => (tagOf(value) === 'Format' ? isFormat(value) : isCodec(value))

const isVersion = (value: unknown): boolean =>
  typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))

const checkSpecs = (params: Declaration['params'], wrong: Wrong): void => {
  for (const [name, spec] of Object.entries(params))
    if (!isParamSpec(spec))
      wrong(
        `param '${name}' is neither a param nor an io-ts codec`,
        tagOf(spec) === 'ObjectDefinition'
          ? `it is a class of parameter objects: declare it as object(${String(fieldOf(spec, 'className'))})`
          : 'declare it as param(codec) or use the codec alone',
      )
}

const checkParams = (read: readonly ReadParam[], wrong: Wrong): void => {
  for (let index = 0; index < read.length; index++) {
    const { name, nameInConfig } = itemAt(read, index)
    let earlier = 0
    while (read[earlier]?.nameInConfig !== nameInConfig) earlier++
    if (name === '__proto__' || nameInConfig === '__proto__')
      wrong("a param cannot be called '__proto__'", 'give it another name')
    if (isReservedName(name)) wrong(`the param name '${name}' is reserved in configs`, 'give this param another name')
    else if (isReservedName(nameInConfig))
      wrong(
        `param '${name}' is read from '${nameInConfig}', which is reserved in configs`,
        'give it another nameInConfig',
      )
    if (earlier < index)
      wrong(
        `params '${read[earlier]?.name}' and '${name}' are both read from '${nameInConfig}'`,
        'give one of them another nameInConfig',
      )
  }
}

interface Problem {
  readonly what: string
  readonly hint: string
}

/** The problem of an input, looking through `optional`, `lazy`, `asPath` and `from`. */
const problemOfInput = (input: unknown, depth: number): Problem | undefined => {
  if (!isInput(input) || depth > 32) return notAnInput(input)
  switch (input._tag) {
    case 'Task':
      return input.declaration.abstract
        ? { what: 'is an abstract task, which is never part of a chain', hint: 'derive a task from it and use that' }
        : undefined
    case 'AsPath':
      return ['Task', 'Ref', 'Matching'].includes(input.input._tag)
        ? problemOfInput(input.input, depth + 1)
        : { what: 'applies asPath to a wrapped input', hint: "use asPath inside: from('namespace', asPath(task))" }
    case 'Optional':
    case 'Lazy':
      return problemOfInput(input.input, depth + 1)
    case 'InNamespace':
      if (typeof input.namespace !== 'string')
        return { what: 'comes from a namespace that is not a text', hint: "use from('namespace', task)" }
      return problemOfInput(input.input, depth + 1)
    case 'Ref':
      if (typeof input.name !== 'string' || !isNameOfTask(input.name))
        return {
          what: `is found by the name '${String(input.name)}', which no task can have`,
          hint: "use 'name', 'group:name' or 'namespace::group:name'",
        }
      return undefined
    case 'Matching':
      return problemOfPattern(input.pattern)
  }
}

const notAnInput = (input: unknown): Problem => {
  const tag = tagOf(input)
  if (tag === 'Template')
    return { what: 'is a template, which is never part of a chain', hint: 'derive a task from it' }
  if (tag !== 'Task' && typeof fieldOf(input, 'run') === 'function')
    return { what: 'is a task without a computation', hint: "add '.run(…)' to its declaration" }
  if (input === undefined)
    return {
      what: 'is undefined',
      hint: "modules that import each other see undefined tasks: take this one by name, ref('group:name', codec)",
    }
  if (isTask(input)) return { what: 'is nested too deeply', hint: 'use it directly' }
  return {
    what: `is of type ${input === null ? 'null' : typeof input}, not an input`,
    hint: 'use a task, optional(…), matching(…), from(…), lazy(…) or ref(…)',
  }
}

const isNameOfTask = (name: string): boolean => {
  const task = name.slice(name.lastIndexOf('::') < 0 ? 0 : name.lastIndexOf('::') + 2)
  return task !== '' && task.split(':').every((segment) => segment !== '')
}

const problemOfPattern = (pattern: unknown): Problem | undefined => {
  const broken = fieldOf(pattern, 'brokenSource')
  if (typeof broken === 'string')
    return {
      what: `has a pattern that is not a regular expression: '${broken}'`,
      hint: "patterns after '~' are regular expressions that match entire names",
    }
  if (!isRegExp(pattern))
    return { what: 'matches with something that is not a regular expression', hint: 'use matching(/…/, codec)' }
  const { flags } = pattern
  if (/[gy]/.test(flags))
    return {
      what: `has a pattern with the flag '${/[gy]/.exec(flags)?.[0]}'`,
      hint: 'leave the flag out; patterns match entire names',
    }
  const ready = namePattern(pattern)
  return 'matches' in ready ? undefined : { what: ready.problem, hint: ready.hint }
}

/** Also recognizes regular expressions of another realm. */
const isRegExp = (value: unknown): value is RegExp => Object.prototype.toString.call(value) === '[object RegExp]'
