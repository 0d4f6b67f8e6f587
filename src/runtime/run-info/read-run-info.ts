import * as E from 'fp-ts/lib/Either.js'
import type { Document } from 'yaml'
import { isAlias, isMap, isScalar, isSeq, yamlLibrary } from '../../config/read/yaml-library.js'
import { compose, tokensOf } from '../../config/read/yaml-syntax.js'
import { readEmitted } from './read-emitted.js'
import { runInfoCodec, runInfoSchema } from './run-info-codec.js'
import type { RunInfo } from './run-info-types.js'
import { isRecord } from '../../base/records.js'
import { messageOf } from '../../base/thrown.js'

/**
 * Run info from its text. Tolerant: missing fields and fields of another type get empty values, so that records of
 * older and newer versions and of the original Python library can be read; `Left` says why a text is not a run info at
 * all.
 */
export const parseRunInfo = (text: string): E.Either<string, RunInfo> => {
  const read = readYaml(text)
  if (E.isLeft(read)) return read
  const root = read.right
  if (!isRecord(root)) return E.left('the run info is not a map')
  const decoded = runInfoCodec.decode(root)
  return E.isRight(decoded)
    ? decoded
    : E.left(`the run info names no task under 'task: name:'${ofNewer(root['schema'])}`)
}

/** An unknown version is named if something is missing: it may be the reason. */
export const ofNewer = (schema: unknown): string =>
  typeof schema === 'number' && schema > runInfoSchema
    ? `; it has schema ${schema}, this version of taskchain writes ${runInfoSchema}`
    : ''

const options = {
  version: '1.2',
  intAsBigInt: true,
  uniqueKeys: false,
  stringKeys: true,
  logLevel: 'silent',
} as const

/** Maximum characters of a text that this library has not written; its own texts are read much faster. */
const maxForeign = 4 * 2 ** 20

/** Duplicate keys are not checked (the YAML library does so in quadratic time); the last one counts. */
const readYaml = (text: string): E.Either<string, unknown> => {
  const quick = readEmitted(text)
  if (quick !== undefined) return E.right(quick.value)
  if (text.length > maxForeign) return E.left(`the run info is too large: ${text.length} characters`)
  try {
    const lines = new (yamlLibrary().LineCounter)()
    const read = tokensOf(text, lines.addNewLine)
    if ('passed' in read)
      return E.left(`the run info is too large: ${read.passed === 'depth' ? 'too deep' : 'too many values'}`)
    const { first, problems } = compose(read.tokens, text.length, options)
    const [problem] = problems
    if (problem !== undefined) {
      const { line, col } = lines.linePos(problem.offset)
      return E.left(`the run info is not YAML: ${problem.message} at line ${line}, column ${col}`)
    }
    return E.right(first === undefined ? null : toValue(first))
  } catch (cause) {
    return E.left(`the run info cannot be read: ${messageOf(cause)}`)
  }
}

/** Values of a document: `__proto__` as a key like any other, safe integers as numbers, a limited number of aliases. */
const toValue = (document: Document): unknown => {
  let aliases = 100 // each is searched in the whole document
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
