import { toParam, type Params } from '../declare/param.js'

/** Validates the arguments of a program: texts and numbers, and no secrets, which every user could see. */

/** Arguments of a process are visible to all users of the machine. */
export const withoutSecrets = (
  declared: Params,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.defineProperties(
    {},
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const isSecret = declared[name] !== undefined && toParam(declared[name]).secret
        const get = (): unknown => {
          if (!isSecret) return value
          throw new TypeError(
            `param '${name}' is secret, and arguments are visible to all users: pass it through 'env'`,
          )
        }
        return [name, { get, enumerable: true }]
      }),
    ),
  )

export const valueOf = (from: unknown, given: object): unknown =>
  typeof from === 'function' ? Reflect.apply(from, undefined, [given]) : from

export const optionalText = (from: unknown, given: object, what: string): string | undefined => {
  const value = valueOf(from, given)
  return value === undefined ? undefined : textOf(value, what)
}

export const textOf = (value: unknown, what: string): string => {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value
  throw new TypeError(`'${what}' of a command must be a text, got ${JSON.stringify(value)}`)
}

export const argumentsOf = (args: unknown): readonly string[] => {
  if (!Array.isArray(args)) throw new TypeError("'args' of a command is to be a list of texts and numbers")
  return args.map((one: unknown, at) => {
    if (typeof one === 'number' && Number.isFinite(one)) return String(one)
    if (typeof one !== 'string')
      throw new TypeError(`argument ${at + 1} of a command must be a text or a number, got ${typeof one}`)
    if (one.includes('\0')) throw new TypeError(`argument ${at + 1} of a command has a NUL character in it`)
    return one
  })
}
