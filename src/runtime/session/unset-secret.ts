import type { ObjectRegistry } from '../../declare/object.js'
import { toParam } from '../../declare/param.js'
import { isEncodedList } from '../../plan/params/encoded.js'
import type { Encoded } from '../../declare/types.js'
import type { RunError } from '../../errors.js'
import type { PlannedNode } from '../../plan/plan-types.js'
import { nearest } from '../../base/suggest.js'
import type { Session } from './session.js'
import { fieldOf } from '../../base/records.js'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Why a node cannot run: the first of its secrets whose variable is unset or empty. Undefined if all are set, or none
 * is needed.
 */
export const unsetSecret = (
  { index }: Pick<Session, 'index'>,
  { plan, node }: PlannedNode,
  environment: Variables = process.env,
): (RunError & { readonly _tag: 'SecretNotSet' }) | undefined => {
  for (const { name, declared } of index.entries.get(node.task)?.params ?? []) {
    const value = node.params[name]
    const variable = declared.secret ? unsetAt(value, environment) : unsetIn(value, index.objects, environment)
    if (variable === undefined) continue
    const origin = plan.origins[node.id]?.[name]
    const near = nearest(variable, Object.keys(environment), 3)
    return {
      _tag: 'SecretNotSet',
      node: node.id,
      param: name,
      variable,
      empty: environment[variable] === '',
      place: origin?.overrides ?? origin?.place,
      near,
    }
  }
  return undefined
}

/** The variable that a planned secret refers to, `{ secret: true, env: NAME }`, if it is unset or empty. */
const unsetAt = (value: Encoded | undefined, environment: Variables): string | undefined => {
  const env = fieldOf(value, 'env')
  return typeof env !== 'string' || (Object.hasOwn(environment, env) && environment[env]) ? undefined : env
}

/** The same for secret arguments of objects inside a value. */
const unsetIn = (value: Encoded | undefined, objects: ObjectRegistry, environment: Variables): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const { class: className, kwargs } = isEncodedList(value) ? {} : value
  const args = typeof className === 'string' ? objects.get(className)?.args : undefined
  const given = args === undefined ? value : kwargs
  for (const [name, part] of Object.entries<Encoded>(typeof given === 'object' && given !== null ? given : {})) {
    const found = isSecret(args?.[name]) ? unsetAt(part, environment) : unsetIn(part, objects, environment)
    if (found !== undefined) return found
  }
  return undefined
}

const isSecret = (spec: Parameters<typeof toParam>[0] | undefined): boolean =>
  spec !== undefined && toParam(spec).secret
