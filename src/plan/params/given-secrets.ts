import type { ConfigDocument, ConfigValue, ResolvedConfigs } from '../../config/config-types.js'
import type { Environment } from '../../declare/codec/codec-mode.js'
import { nameInConfig } from '../../declare/object-arguments.js'
import { toParam, type ParamSpec } from '../../declare/param.js'
import { referenceOf } from '../../declare/secret.js'
import type { ProjectIndex } from '../names/project-index.js'
import { classesIn } from './classes-in.js'
import { leavesOf, maskOf, idleMask, type Mask } from './secret-mask.js'
import type { PlanNode } from '../plan-types.js'
import { fieldOf, isList, isObject } from '../../base/records.js'

/**
 * Values of secrets that configs contain directly. They are not part of any plan: they stay in this process, associated
 * with the nodes that need them.
 */
const given = new WeakMap<PlanNode, Readonly<Record<string, ConfigValue>>>()

/** Remembers the config values, with placeholders expanded, of a node's params that hold secrets. */
export const rememberGiven = (node: PlanNode, values: Readonly<Record<string, ConfigValue>>): void =>
  void given.set(node, values)

/** Those values by param; undefined if there are none, as in a plan parsed from JSON. */
export const givenSecrets = (node: PlanNode): Readonly<Record<string, ConfigValue>> | undefined => given.get(node)

/** The secrets of a project: names of secret params in configs, and arguments of classes. */
interface SecretNames {
  readonly params: ReadonlySet<string>
  /** By class: names of each argument, and whether it is secret. */
  readonly classes: ReadonlyMap<string, readonly { readonly names: readonly string[]; readonly secret: boolean }[]>
}

const known = new WeakMap<ProjectIndex, SecretNames | undefined>()

const secretNames = (index: ProjectIndex): SecretNames | undefined => {
  if (known.has(index)) return known.get(index)
  const declared = [...index.declared]
  const entries = declared.some(({ secret }) => secret) ? [...index.entries.values()] : []
  const params = new Set(
    entries.flatMap((entry) => entry.params.filter((one) => one.declared.secret).map((one) => one.nameInConfig)),
  )
  const seen = new Set<unknown>()
  const admitted = declared.flatMap(({ codec }) => classesIn(codec, seen))
  const classes = new Map(
    [...admitted, ...index.objects.values()]
      .map(({ className: name, args }) => {
        const inConfigs = (arg: string, spec: ParamSpec) => [...new Set([arg, nameInConfig(arg, spec)])]
        const all = Object.entries(args).map(([arg, spec]) => ({
          names: inConfigs(arg, spec),
          secret: toParam(spec).secret,
        }))
        return [name, all] as const
      })
      .filter(([, args]) => args.some(({ secret }) => secret)),
  )
  const names = params.size === 0 && classes.size === 0 ? undefined : { params, classes }
  known.set(index, names)
  return names
}

/** Whether any param of a project, or argument of a class, is secret. */
export const hasSecrets = (index: ProjectIndex): boolean => secretNames(index) !== undefined

/** A mask of all secrets that resolved configs contain or refer to. */
export const maskOfConfigs = (
  index: ProjectIndex,
  { configs }: ResolvedConfigs,
  environment: Environment | undefined,
): Mask => {
  const names = secretNames(index)
  if (names === undefined) return idleMask
  return maskOf(
    configs.flatMap(({ values }) =>
      [...values].flatMap(([name, { expanded, unexpanded }]) =>
        [expanded, unexpanded].flatMap((value) => textsIn(name, value, names, environment)),
      ),
    ),
  )
}

/**
 * The same for documents before they are resolved, for errors of resolving. `others`: contexts and `set` given as
 * objects.
 */
export const maskOfDocuments = (
  index: ProjectIndex,
  documents: Iterable<ConfigDocument>,
  others: readonly unknown[],
  environment: Environment | undefined,
): Mask => {
  const names = secretNames(index)
  if (names === undefined) return idleMask
  const texts: string[] = []
  for (const { parts } of documents)
    for (const part of parts.values())
      for (const [name, { value }] of part.values) {
        for (const one of textsIn(name, value, names, environment)) texts.push(one)
      }
  for (const other of others) for (const one of textsIn('', other, names, environment)) texts.push(one)
  return maskOf(texts)
}

/** Texts of secrets in the config value of one param. */
export const textsInParam = (
  index: ProjectIndex,
  nameInConfig: string,
  value: unknown,
  environment: Environment | undefined,
): readonly string[] => {
  const names = secretNames(index)
  return names === undefined ? [] : textsIn(nameInConfig, value, names, environment)
}

/** Whether a name in configs refers to a secret, a part of one, or a secret argument of a class. */
export const namesSecret = (index: ProjectIndex, name: string): boolean => {
  const names = secretNames(index)
  return names !== undefined && (isSecretName(name, names) || isSecretArgument(name, names))
}

/** Dotted names in contexts end in the param's name, or extend into its value. */
const isSecretName = (name: string, names: SecretNames): boolean =>
  names.params.has(name) || [...names.params].some((param) => name.startsWith(`${param}.`))

const textsIn = (
  name: string,
  value: unknown,
  names: SecretNames,
  environment: Environment | undefined,
  depth = 0,
): readonly string[] => {
  if (isSecretName(name, names)) return secretTexts(value, environment)
  if (!isObject(value) || depth > 50) return isSecretArgument(name, names) ? secretTexts(value, environment) : []
  const inside = Object.entries(value).flatMap(([part, field]) => textsIn(part, field, names, environment, depth + 1))
  const className = value['class']
  const args = typeof className === 'string' ? names.classes.get(className) : undefined
  if (args === undefined) return inside
  const { args: positional, kwargs } = value
  const given = (called: readonly string[], position: number): readonly unknown[] => [
    ...(isList(positional) ? [positional[position]] : []),
    ...called.map((one) => fieldOf(kwargs, one)),
  ]
  const secrets = args.flatMap(({ names: called, secret }, position) => (secret ? given(called, position) : []))
  return [...inside, ...secrets.flatMap((one) => secretTexts(one, environment))]
}

/** Such as `model.kwargs.key` in a context. */
const isSecretArgument = (name: string, { classes }: SecretNames): boolean =>
  name.includes('.') &&
  [...classes.values()].some((args) =>
    args.some((arg) => arg.secret && arg.names.some((one) => name.endsWith(`.${one}`))),
  )

/** Texts of one secret: those of the variable it refers to, else its own. */
export const secretTexts = (value: unknown, environment: Environment | undefined): readonly string[] => {
  const variable = referenceOf(value)
  if (variable === undefined) return leavesOf(value)
  const text = environment !== undefined && Object.hasOwn(environment, variable) ? environment[variable] : undefined
  return text === undefined ? [] : [text]
}
