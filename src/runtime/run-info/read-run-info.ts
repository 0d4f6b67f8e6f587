import * as E from 'fp-ts/lib/Either.js'
import type { Document } from 'yaml'
import { isAlias, isMap, isScalar, isSeq, yamlLibrary } from '../../config/read/yaml-library.js'
import type { Encoded } from '../../declare/types.js'
import { readEmitted } from './read-emitted.js'
import type { InputInfo, RunInfo } from './run-info-types.js'

/**
 * Run info from its text. Tolerant: fields that are missing or of another kind get empty values, so that what the
 * original Python
 * library wrote can be read; `Left` says why a text is no run info at all.
 */
export const parseRunInfo = (text: string): E.Either<string, RunInfo> => {
  const read = readYaml(text)
  if (E.isLeft(read)) return read
  const root = read.right
  if (!isRecord(root)) return E.left('the run info is not a map')
  const task = record(root['task'])
  const name = texts(task['name'])
  if (name === undefined) return E.left("the run info names no task under 'task: name:'")
  const config = record(root['config'])
  const versions = record(root['versions'])
  const data = root['data']
  return E.right({
    schema: 1,
    task: { name, module: texts(task['module']) ?? null, ...versionOf(task['version']) },
    config: {
      name: texts(config['name']) ?? '',
      namespace: texts(config['namespace']) ?? null,
      context: texts(config['context']) ?? null,
    },
    input_tasks: inputsOf(root['input_tasks']),
    parameters: record(root['parameters']) as Readonly<Record<string, Encoded>>,
    log: Array.isArray(root['log']) ? root['log'] : [],
    started: texts(root['started']) ?? '',
    ended: texts(root['ended']) ?? '',
    time: numbers(root['time']) ?? 0,
    user: { name: texts(record(root['user'])['name']) ?? '' },
    host: texts(root['host']) ?? '',
    key: texts(root['key']) ?? '',
    key_pre_image: record(root['key_pre_image']) as Readonly<Record<string, Encoded>>,
    versions: { taskchain: texts(versions['taskchain']) ?? '', node: texts(versions['node']) ?? '' },
    ...(isRecord(root['in_memory_inputs']) ? { in_memory_inputs: root['in_memory_inputs'] as never } : {}), // checked by who reads it
    code_fingerprint: texts(root['code_fingerprint']) ?? null,
    ...(texts(root['code_lineage']) === undefined ? {} : { code_lineage: texts(root['code_lineage']) as string }),
    data: isRecord(data) ? dataOf(data) : null,
    peak_memory: numbers(root['peak_memory']) ?? 0,
    attempts: numbers(root['attempts']) ?? 1,
  })
}

/** Duplicate keys are not looked for (the library does that in quadratic time); the last one counts. */
const readYaml = (text: string): E.Either<string, unknown> => {
  const quick = readEmitted(text)
  if (quick !== undefined) return E.right(quick.value)
  try {
    const document = yamlLibrary().parseDocument(text, {
      version: '1.2',
      intAsBigInt: true,
      uniqueKeys: false,
      stringKeys: true,
      logLevel: 'silent',
    })
    const error = document.errors[0]
    if (error !== undefined)
      return E.left(`the run info is not YAML: ${error.message.split('\n', 1)[0]?.replace(/:$/, '')}`)
    return E.right(toValue(document))
  } catch (cause) {
    return E.left(`the run info cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

/** Values of a document: `__proto__` a key like any other, safe integers as numbers, aliases within a limit. */
const toValue = (document: Document): unknown => {
  let aliases = 100 // each is looked for in the whole document
  const visit = (node: unknown): unknown => {
    if (isAlias(node)) {
      if (--aliases < 0) throw new Error('it has too many aliases')
      return visit(node.resolve(document))
    }
    if (isScalar(node))
      return typeof node.value === 'bigint' && Number.isSafeInteger(Number(node.value))
        ? Number(node.value)
        : node.value
    if (isSeq(node)) return node.items.map(visit)
    if (!isMap(node)) return null
    const map: Record<string, unknown> = {}
    for (const { key, value } of node.items)
      Object.defineProperty(map, String(isScalar(key) ? key.value : key), {
        value: visit(value),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    return map
  }
  return visit(document.contents)
}

const dataOf = (data: Readonly<Record<string, unknown>>): RunInfo['data'] => {
  const size = numbers(data['size'])
  const checksum = texts(data['checksum'])
  const content = texts(data['content'])
  const beside = Array.isArray(data['beside'])
    ? { beside: data['beside'].flatMap((extension) => texts(extension) ?? []) }
    : {}
  return size === undefined || checksum === undefined
    ? null
    : {
        format: texts(data['format']) ?? '',
        extension: texts(data['extension']) ?? null,
        size,
        checksum,
        ...(content === undefined ? {} : { content }),
        ...beside,
      }
}

const versionOf = (version: unknown): { readonly version?: string | number } =>
  typeof version === 'string' || typeof version === 'number' ? { version } : {}

/** By role; the original wrote `name: key`. */
const inputsOf = (value: unknown): RunInfo['input_tasks'] =>
  Object.fromEntries(Object.entries(record(value)).map(([role, input]) => [role, inputOf(role, input)]))

const inputOf = (role: string, input: unknown): InputInfo | Readonly<Record<string, InputInfo>> => {
  if (!isRecord(input)) return { task: role, key: texts(input) ?? '' }
  if (typeof input['task'] === 'string' && typeof input['key'] === 'string')
    return { task: input['task'], key: input['key'] }
  return Object.fromEntries(
    Object.entries(input).map(([name, one]) => [
      name,
      { task: texts(record(one)['task']) ?? '', key: texts(record(one)['key']) ?? '' },
    ]),
  )
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const record = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {})
const texts = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
const numbers = (value: unknown): number | undefined =>
  typeof value === 'number'
    ? value
    : typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))
      ? Number(value)
      : undefined
