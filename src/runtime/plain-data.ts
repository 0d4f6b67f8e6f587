/** What a record can hold. */
export type Plain = null | boolean | number | bigint | string | readonly Plain[] | { readonly [name: string]: Plain }

/** A record is for people, and its readers recurse: deeper or larger than this it is cut off. */
const limits = { depth: 60, values: 100_000 }

/**
 * Any value as plain data, as well as it can be said; never throws. Cycles, and what is too deep or too much, become a note in brackets;
 * `undefined`, functions and symbols are left out of maps and null in lists; dates, maps, sets, errors and instances become their data.
 */
export const plainData = (value: unknown): Plain => {
  let budget = limits.values
  const visit = (current: unknown, ancestors: readonly object[]): Plain | undefined => {
    if (current === null) return null
    switch (typeof current) {
      case 'undefined':
      case 'function':
      case 'symbol':
        return undefined
      case 'object':
        break
      default:
        return current as Plain
    }
    if (ancestors.includes(current)) return '[circular]'
    if (ancestors.length >= limits.depth) return '[cut off: too deep]'
    if (budget <= 0) return '[cut off: too large]'
    const within = [...ancestors, current]
    const data = asData(current)
    if (typeof data !== 'object' || data === null) return visit(data, within)
    if (Array.isArray(data)) {
      budget -= data.length
      return (budget < 0 ? data.slice(0, Math.max(0, budget + data.length)) : data).map((item) => visit(item, within) ?? null)
    }
    const map: Record<string, Plain> = {}
    for (const [name, field] of Object.entries(data)) {
      if (--budget < 0) break
      const made = visit(field, within)
      if (made === undefined) continue
      if (name === '__proto__') Object.defineProperty(map, name, { value: made, enumerable: true })
      else map[name] = made
    }
    return map
  }
  return visit(value, []) ?? null
}

/** One step towards plain data. */
const asData = (value: object): unknown => {
  try {
    if (Array.isArray(value)) return value
    if (value instanceof Error) return `${value.name}: ${value.message}`
    if (value instanceof Map) return Object.fromEntries([...value].map(([name, field]) => [String(name), field as unknown]))
    if (value instanceof Set) return [...value]
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as unknown as ArrayLike<number | bigint>)
    if ('toJSON' in value && typeof value.toJSON === 'function') return (value.toJSON as () => unknown)()
    return { ...value } // getters run here, where one that throws is caught
  } catch {
    return '[unreadable]'
  }
}
