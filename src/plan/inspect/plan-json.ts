import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { fullNameOf, isSafeName } from '../../declare/names.js'
import { isEncodedList, type Encoded } from '../../declare/types.js'
import type { Place, PlanError, PlanWarning } from '../../errors.js'
import { frozenData, toEncoded } from '../params/encoded.js'
import { inputIds } from '../plan-graph.js'
import { keyOf, preImageOf, type InputInKey } from '../key.js'
import type { BoundInput, Origin, Plan, PlanNode } from '../plan-types.js'
import { isList, isRecord, own, type Fields } from '../../base/records.js'
import { nonEmpty, valueIn } from '../../base/present.js'

/** Plans as JSON text and back: for queues, files and other processes. What comes back was checked, keys included. */

/**
 * A plan as JSON text. Bigints are `{ "$bigint": "12" }`; names that start with `$` get one more.
 *
 * @example
 * const text = planToJson(planned)
 * E.isRight(planFromJson(text)) // => true
 */
export const planToJson = (plan: Plan): string =>
  JSON.stringify({
    ...plan,
    nodes: plan.nodes.map((node) => ({
      ...node,
      params: toTagged(node.params),
      ...(node.keyParams === undefined ? {} : { keyParams: toTagged(node.keyParams) }),
    })),
  })

/** A value as JSON can say it; `fromTagged` gives it back. */
export const toTagged = (value: Encoded): unknown => {
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (typeof value !== 'object' || value === null) return value
  if (isEncodedList(value)) return value.map(toTagged)
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name.startsWith('$') ? `$${name}` : name, toTagged(field)]),
  )
}

/**
 * A plan from its JSON text. Left is what is wrong, as `BadStructure` with the path; nothing in the text makes it
 * throw.
 * Names must be safe, inputs must come first, and every key must be the hash of its pre-image.
 *
 * @example
 * const again = planFromJson(planToJson(planned))
 * E.isRight(again) && samePlan(again.right, planned) // => true
 */
export const planFromJson = (text: string): E.Either<NonEmptyArray<PlanError>, Plan> => {
  const parsed = E.tryCatch(
    (): unknown => JSON.parse(text),
    (cause) => (cause instanceof Error ? cause.message : String(cause)),
  )
  if (E.isLeft(parsed))
    return E.left([{ _tag: 'ConfigUnreadable', origin, place: undefined, reason: `no JSON: ${parsed.left}` }])
  const errors: PlanError[] = []
  const wrong: Wrong = (path, expected, actual) => {
    if (errors.length < 20)
      errors.push({
        _tag: 'BadStructure',
        place: { origin, line: 0, column: 0 },
        key: path,
        expected,
        actual: inWords(actual),
      })
    return undefined
  }
  const plan = readPlan(parsed.right, wrong)
  return errors.length > 0 || plan === undefined ? E.left(nonEmpty(errors)) : E.right(plan)
}

const origin = 'plan as JSON'

type Wrong = (path: string, expected: string, actual: unknown) => undefined

const inWords = (value: unknown): string => {
  if (value === undefined) return 'missing'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

const readPlan = (value: unknown, wrong: Wrong): Plan | undefined => {
  if (!isRecord(value)) return wrong('/', 'a plan', typeof value)
  if (value.schema !== 1) return wrong('/schema', '1, the only one that this version reads', value.schema)
  const config = textAt(value, 'config', '', wrong)
  const context = value.context === null ? null : textAt(value, 'context', '', wrong)
  const nodes = readNodes(value.nodes, wrong)
  const warnings = (listAt(value.warnings, '/warnings', wrong) ?? []).map((warning, index) =>
    readWarning(warning, `/warnings/${index}`, wrong),
  )
  const origins = readOrigins(value.origins, wrong)
  if (config === undefined || context === undefined || nodes === undefined || origins === undefined) return undefined
  return Object.freeze({
    schema: 1,
    config,
    context,
    nodes: Object.freeze(nodes),
    warnings: Object.freeze(warnings.filter((warning) => warning !== undefined)),
    origins,
  })
}

const textAt = (fields: Fields, name: string, path: string, wrong: Wrong): string | undefined => {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  return typeof value === 'string' ? value : wrong(`${path}/${name}`, 'text', value)
}

const listAt = (value: unknown, path: string, wrong: Wrong): readonly unknown[] | undefined =>
  isList(value) ? value : wrong(path, 'a list', value)

const readNodes = (value: unknown, wrong: Wrong): PlanNode[] | undefined => {
  const list = listAt(value, '/nodes', wrong)
  if (list === undefined) return undefined
  const done = new Map<string, InputInKey>()
  const nodes: PlanNode[] = []
  for (const [index, item] of list.entries()) {
    const path = `/nodes/${index}`
    const node = isRecord(item) ? readNode(item, path, wrong) : wrong(path, 'a node', item)
    if (node === undefined) continue
    const unknown = inputIds(node).find((id) => !done.has(id))
    if (done.has(node.id)) wrong(`${path}/id`, 'a full name of its own', node.id)
    else if (unknown !== undefined) wrong(`${path}/inputs`, 'only nodes that stand before it', unknown)
    else if (keyOf(preImageOf(node, (id) => valueIn(done, id))) !== node.key)
      wrong(`${path}/key`, 'the hash of its task, params and inputs', node.key)
    done.set(node.id, { task: node.task, key: node.key })
    nodes.push(Object.freeze(node))
  }
  return nodes
}

const storages = ['file', 'folder', 'checkpoint', 'memory'] as const

const readNode = (item: Fields, path: string, wrong: Wrong): PlanNode | undefined => {
  const text = (name: string): string => textAt(item, name, path, wrong) ?? ''
  const [id, task, group, name] = [text('id'), text('task'), text('group'), text('name')]
  const [namespace, key, config, format] = [text('namespace'), text('key'), text('config'), text('format')]
  const params = readParams(item.params, `${path}/params`, wrong)
  const keyParams = item.keyParams === undefined ? undefined : readParams(item.keyParams, `${path}/keyParams`, wrong)
  const inputs = readInputs(item.inputs, `${path}/inputs`, wrong)
  const { extension, version, readableName } = item
  const storage = storages.find((one) => one === item.storage)
  if (![...group.split(':'), name].every(isSafeName))
    wrong(`${path}/task`, 'names that can be part of a path', `${group}:${name}`)
  if (namespace !== '' && !namespace.split('::').every(isSafeName)) wrong(`${path}/namespace`, 'a namespace', namespace)
  if (task !== `${group}:${name}`) wrong(`${path}/task`, `'${group}:${name}'`, task)
  if (id !== fullNameOf(namespace, task)) wrong(`${path}/id`, `'${fullNameOf(namespace, task)}'`, id)
  if (!/^[0-9a-f]{32}$/.test(key)) wrong(`${path}/key`, '32 hex digits', key)
  if (extension !== null && !(typeof extension === 'string' && isSafeName(extension)))
    return wrong(`${path}/extension`, 'an extension or null', extension)
  if (storage === undefined) return wrong(`${path}/storage`, storages.join(', '), item.storage)
  if (version !== undefined && typeof version !== 'string' && typeof version !== 'number')
    return wrong(`${path}/version`, 'text or a number', version)
  if (readableName !== undefined && typeof readableName !== 'string')
    return wrong(`${path}/readableName`, 'text', readableName)
  if (params === undefined || inputs === undefined || (item.keyParams !== undefined && keyParams === undefined))
    return undefined
  return {
    id,
    task,
    group,
    name,
    namespace,
    key,
    config,
    params,
    inputs,
    format,
    extension,
    storage,
    ...(keyParams === undefined ? {} : { keyParams }),
    ...(version === undefined ? {} : { version }),
    ...(readableName === undefined ? {} : { readableName }),
  }
}

const readParams = (value: unknown, path: string, wrong: Wrong): PlanNode['params'] | undefined => {
  if (!isRecord(value)) return wrong(path, 'params by name', value)
  const fields: [string, Encoded][] = []
  for (const [tagged, field] of Object.entries(value)) {
    const name = tagged.startsWith('$$') ? tagged.slice(1) : tagged
    const bounded = toEncoded(field) // bounds depth and size, so that the next step may recurse
    if (bounded._tag === 'Refused') return wrong(`${path}/${name}`, 'a value that plans can hold', bounded.problem)
    const plain = fromTagged(bounded.value)
    if (plain === undefined || (tagged.startsWith('$') && name === tagged))
      return wrong(`${path}/${name}`, 'names without a single $', name)
    fields.push([name, plain])
  }
  return Object.freeze(Object.fromEntries(fields))
}

/**
 * A value from what `toTagged` made of it; undefined for what that never writes. Recurses: only for values of bounded
 * depth.
 */
export const fromTagged = (value: Encoded): Encoded | undefined => {
  if (typeof value !== 'object' || value === null) return value
  if (isEncodedList(value)) {
    const items = value.map(fromTagged).filter((item) => item !== undefined)
    return items.length < value.length ? undefined : Object.freeze(items)
  }
  const fields = Object.entries(value)
  if (fields.length === 1 && fields[0]?.[0] === '$bigint') {
    const digits = fields[0][1]
    return typeof digits === 'string' && /^-?\d{1,100000}$/.test(digits) ? BigInt(digits) : undefined
  }
  const plain: [string, Encoded][] = []
  for (const [tagged, field] of fields) {
    const read = fromTagged(field)
    if (read === undefined || (tagged.startsWith('$') && !tagged.startsWith('$$'))) return undefined
    plain.push([tagged.startsWith('$') ? tagged.slice(1) : tagged, read])
  }
  return Object.freeze(Object.fromEntries(plain))
}

const readInputs = (value: unknown, path: string, wrong: Wrong): PlanNode['inputs'] | undefined => {
  if (!isRecord(value)) return wrong(path, 'inputs by role', value)
  const inputs: [string, BoundInput][] = []
  for (const [role, bound] of Object.entries(value)) {
    if (bound === null || typeof bound === 'string') inputs.push([role, bound])
    else if (isRecord(bound) && holdsTexts(bound)) inputs.push([role, Object.freeze({ ...bound })])
    else return wrong(`${path}/${role}`, 'a full name, several by record key, or null', bound)
  }
  return Object.freeze(Object.fromEntries(inputs))
}

const holdsTexts = (value: Fields): value is Readonly<Record<string, string>> =>
  Object.values(value).every((one) => typeof one === 'string')

const readOrigins = (value: unknown, wrong: Wrong): Plan['origins'] | undefined => {
  if (!isRecord(value)) return wrong('/origins', 'origins by node', value)
  const origins: [string, { readonly [param: string]: Origin }][] = []
  for (const [node, params] of Object.entries(value)) {
    if (!isRecord(params)) return wrong(`/origins/${node}`, 'origins by param', params)
    const read = Object.entries(params).map(([name, one]): [string, Origin] | undefined => {
      const path = `/origins/${node}/${name}`
      if (!isRecord(one)) return wrong(path, 'an origin', one)
      const place = readPlace(one.place, `${path}/place`, wrong)
      const overrides = one.overrides === undefined ? undefined : readPlace(one.overrides, `${path}/overrides`, wrong)
      return place === undefined
        ? undefined
        : [name, Object.freeze(overrides === undefined ? { place } : { place, overrides })]
    })
    origins.push([node, Object.freeze(Object.fromEntries(read.filter((one) => one !== undefined)))])
  }
  return Object.freeze(Object.fromEntries(origins))
}

const readPlace = (value: unknown, path: string, wrong: Wrong): Place | undefined => {
  if (!isRecord(value) || typeof value.origin !== 'string' || !isCount(value.line) || !isCount(value.column))
    return wrong(path, 'a place', value)
  return Object.freeze({ origin: value.origin, line: value.line, column: value.column })
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0

type Kind = 'text' | 'texts' | 'flag'

/** Fields of each warning besides its place. */
const warningFields: {
  readonly [Tag in PlanWarning['_tag']]: {
    readonly [Field in Exclude<keyof (PlanWarning & { readonly _tag: Tag }), '_tag' | 'place'>]: Kind
  }
} = {
  UnusedValue: { name: 'text', near: 'texts', elsewhere: 'texts' },
  UnusedContextValue: { name: 'text', near: 'texts' },
  UnknownNamespace: { namespace: 'text', near: 'texts' },
  NearPlaceholder: { placeholder: 'text', near: 'texts' },
  OldYaml: { text: 'text', readAs: 'text', formerly: 'text' },
  YamlWarning: { reason: 'text' },
  MissingVariable: { node: 'text', param: 'text', variable: 'text', empty: 'flag', near: 'texts' },
  NoMatch: { node: 'text', role: 'text', pattern: 'text' },
  PlainClass: { param: 'text', className: 'text', registered: 'flag' },
  IgnoredBesideParts: { name: 'text' },
  SpelledArgument: { className: 'text', written: 'text', expected: 'text' },
}

const readWarning = (value: unknown, path: string, wrong: Wrong): PlanWarning | undefined => {
  const known =
    isRecord(value) && typeof value._tag === 'string'
      ? own<Readonly<Record<string, Kind>>>(warningFields, value._tag)
      : undefined
  if (!isRecord(value) || known === undefined) return wrong(path, 'a warning', value)
  const place = readPlace(value.place, `${path}/place`, wrong)
  const fields = Object.entries(known).map(([name, kind]): [string, unknown] => {
    const field = value[name]
    const fits =
      kind === 'text'
        ? typeof field === 'string'
        : kind === 'flag'
          ? typeof field === 'boolean'
          : Array.isArray(field) && field.every((item) => typeof item === 'string')
    if (!fits)
      wrong(`${path}/${name}`, kind === 'text' ? 'text' : kind === 'flag' ? 'true or false' : 'a list of texts', field)
    return [name, field]
  })
  return place === undefined
    ? undefined
    : frozenData({ _tag: value._tag, place, ...Object.fromEntries(fields) } as PlanWarning) // each field was read just now
}
