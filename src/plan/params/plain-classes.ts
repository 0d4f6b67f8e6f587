import type { Located } from '../../config/config-types.js'
import type { ObjectRegistry } from '../../declare/object.js'
import type { PlanWarning } from '../../errors.js'
import { isObject, type Fields } from '../../base/records.js'

/**
 * Warnings about `{ class: NAME, … }` that the codec left as plain data although the name looks like a class: most
 * likely the codec was meant to create objects.
 * `decoded` is the decoded value; parts that the codec converted to another form are not reported.
 */
export const plainClasses = (
  located: Located,
  decoded: unknown,
  registry: ObjectRegistry,
  param: string,
): readonly PlanWarning[] => {
  const warnings: PlanWarning[] = []
  const look = (at: Located | undefined, value: unknown): void => {
    if (at?.parts === undefined || !isObject(value)) return
    if (value['_tag'] === 'ObjectCall') {
      const [listed, named] = [at.parts.get('args')?.parts, at.parts.get('kwargs')?.parts]
      for (const [index, [name, arg]] of Object.entries(value['args'] ?? {}).entries())
        look(named?.get(name) ?? listed?.get(String(index)), arg)
      return
    }
    const className = at.parts.get('class')
    if (typeof className?.value === 'string' && looksLikeClass(className.value, registry) && isLeftAlone(at, value))
      warnings.push({
        _tag: 'PlainClass',
        place: className.place,
        param,
        className: className.value,
        registered: registry.has(className.value),
      })
    for (const [name, part] of at.parts) look(part, value[name])
  }
  look(located, decoded)
  return warnings
}

/** Whether a value has only the fields of an object, and the codec returned its `class` unchanged. */
const isLeftAlone = ({ parts }: Located, value: Fields): boolean =>
  [...(parts?.keys() ?? [])].every((name) => name === 'class' || name === 'args' || name === 'kwargs') &&
  value['class'] === parts?.get('class')?.value

const looksLikeClass = (name: string, registry: ObjectRegistry): boolean =>
  registry.has(name) || /^(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*$|^[A-Z]\w*$/.test(name)
