import * as E from 'fp-ts/lib/Either.js'
import { parseDocument } from '../../src/config/document.js'
import { resolveConfigs } from '../../src/config/resolve.js'
import type {
  ConfigDocument,
  ConfigValue,
  Documents,
  ResolvedConfigs,
  ResolveOptions,
} from '../../src/config/config-types.js'
import type { PlanError } from '../../src/errors.js'
import { explainAll } from '../../src/explain.js'

/** What the tests of configs have in common. */

export const right = <A>(outcome: E.Either<readonly PlanError[], A>): A => {
  if (E.isLeft(outcome)) throw new Error(explainAll(outcome.left))
  return outcome.right
}

export const left = (outcome: E.Either<readonly PlanError[], unknown>): readonly PlanError[] => {
  if (E.isRight(outcome)) throw new Error('expected errors')
  return outcome.left
}

/** Values of a document's only part. */
export const valuesOf = (document: ConfigDocument, part = ''): Record<string, ConfigValue> =>
  Object.fromEntries([...(document.parts.get(part)?.values ?? [])].map(([name, located]) => [name, located.value]))

export const yaml = (text: string): Record<string, ConfigValue> => valuesOf(right(parseDocument('a.yaml', text)))

export const documentsOf = (texts: Readonly<Record<string, string>>): Documents =>
  new Map(Object.entries(texts).map(([origin, text]) => [origin, right(parseDocument(origin, text))]))

export const resolvedOf = (
  texts: Readonly<Record<string, string>>,
  options: ResolveOptions = {},
  entry = Object.keys(texts)[0] as string,
): ResolvedConfigs => right(resolveConfigs(documentsOf(texts), entry, options))

/** Expanded values by `namespace::id`. */
export const table = (resolved: ResolvedConfigs): Record<string, Record<string, ConfigValue>> =>
  Object.fromEntries(
    resolved.configs.map((config) => [
      `${config.namespace === '' ? '' : `${config.namespace}::`}${config.id}`,
      Object.fromEntries([...config.values].map(([name, value]) => [name, value.expanded])),
    ]),
  )
