/**
 * Which arguments a `run` function reads, told from how it destructures its first parameter: an input that only
 * `context.inputs` reaches need not be loaded (SPEC 2.4). Where the source does not say, all of them.
 */
export const usedArguments = (run: unknown): ReadonlySet<string> | 'all' => {
  if (typeof run !== 'function') return 'all'
  const known = answers.get(run)
  if (known !== undefined) return known
  const answer = readFrom(Function.prototype.toString.call(run))
  answers.set(run, answer)
  return answer
}

const answers = new WeakMap<object, ReadonlySet<string> | 'all'>()

const readFrom = (source: string): ReadonlySet<string> | 'all' => {
  const alone = /^(?:async\s+)?([A-Za-z_$][\w$]*)\s*=>/.exec(source)
  if (alone !== null) return countOf(source, alone[1] as string) > 1 ? 'all' : new Set()
  const open = /^(?:async\s*)?(?:function\s*\*?\s*[\w$]*\s*|\*?\s*[\w$]+\s*)?\(/.exec(source)
  if (open === null) return 'all'
  const rest = withoutLeadingSpace(source.slice(open[0].length))
  if (rest.startsWith(')')) return /\barguments\b/.test(source) ? 'all' : new Set()
  if (rest.startsWith('{')) return /\barguments\b/.test(source) ? 'all' : namesIn(rest)
  const name = /^[A-Za-z_$][\w$]*/.exec(rest)?.[0]
  return name !== undefined && countOf(source, name) === 1 && !/\b(arguments|eval)\b/.test(source) ? new Set() : 'all'
}

const countOf = (source: string, name: string): number => source.split(/[^\w$]+/).filter((word) => word === name).length

const withoutLeadingSpace = (source: string): string => source.replace(/^(?:\s|\/\*[^]*?\*\/|\/\/[^\n]*\n)+/, '')

/** Property names of an object pattern; `all` for a rest element, computed keys or anything unforeseen. */
const namesIn = (pattern: string): ReadonlySet<string> | 'all' => {
  const names = new Set<string>()
  let rest = withoutLeadingSpace(pattern.slice(1))
  while (!rest.startsWith('}')) {
    const found = /^(?:([A-Za-z_$][\w$]*)|'([^'\\]*)'|"([^"\\]*)")/.exec(rest)
    if (found === null) return 'all'
    names.add(found[1] ?? found[2] ?? found[3] ?? '')
    const after = endOfElement(rest, found[0].length)
    if (after === undefined) return 'all'
    rest = withoutLeadingSpace(rest.slice(after).replace(/^,/, ''))
  }
  return names
}

/** Where the element ends: at the comma or brace of its own level. Undefined where the source is too clever to follow. */
const endOfElement = (source: string, from: number): number | undefined => {
  let depth = 0
  for (let at = from; at < source.length; at++) {
    const letter = source[at] as string
    if (letter === '`' || (letter === '/' && depth >= 0 && source[at + 1] !== '*' && source[at + 1] !== '/')) return undefined
    if (letter === "'" || letter === '"') {
      at = source.indexOf(letter, at + 1)
      if (at < 0 || source[at - 1] === '\\') return undefined
    } else if (letter === '/' && source[at + 1] === '*') at = source.indexOf('*/', at) + 1
    else if (letter === '/' && source[at + 1] === '/') at = source.indexOf('\n', at)
    else if ('([{'.includes(letter)) depth++
    else if (depth === 0 && (letter === ',' || letter === '}')) return at
    else if (')]}'.includes(letter)) depth--
  }
  return undefined
}
