import { longPattern, matchAt } from '../../../base/long-pattern.js'

/**
 * The arguments that a `run` function reads, derived from how it destructures its first parameter: an input that is
 * only used through `context.inputs` need not be loaded. If the source is not conclusive, all of them: a missing one
 * would be `undefined` in a stored result.
 */
export const usedArguments = (run: unknown): ReadonlySet<string> | 'all' =>
  typeof run === 'function' ? readOf(run).used : 'all'

/**
 * Whether a `run` function may read its second argument, the context. False only if its source shows that it has no
 * second parameter and no other way to reach it: then the context need not be made.
 */
export const mayReadContext = (run: unknown): boolean =>
  typeof run !== 'function' || run.length > 1 || readOf(run).context

interface Read {
  readonly source: string
  readonly used: ReadonlySet<string> | 'all'
  readonly context: boolean
}

/** Tasks made in a loop share their source. */
let latest: Read = { source: '', used: 'all', context: true }

const readOf = (run: object): Read => {
  const source = Function.prototype.toString.call(run)
  if (source !== latest.source) latest = { source, used: readFrom(source), context: mayHaveSecond(source) }
  return latest
}

const mayHaveSecond = (source: string): boolean => {
  if (isHidden(source) || mayReadArguments(source)) return true
  if (alonePattern.test(source)) return false
  const open = opening.exec(source)
  if (open === null) return true
  const first = afterSpace(source, open[0].length)
  if (source[first] === ')') return false
  if (source[first] === '{') {
    const found = pattern(source, first)
    return found === 'all' || source[found.end] !== ')'
  }
  const name = matchAt(identifier, source, first)
  return name === undefined || source[afterSpace(source, first + name.length)] !== ')'
}

const alonePattern = /^(?:async[ \t]+)?([\p{ID_Start}_$][\p{ID_Continue}$]*)\s*=>/u

const nothing: ReadonlySet<string> = new Set()

/** Bound functions and proxies show this instead of the source of their target. */
const isHidden = (source: string): boolean => /\{\s*\[native code\]\s*\}\s*$/.test(source)

const readFrom = (source: string): ReadonlySet<string> | 'all' => {
  if (isHidden(source)) return 'all'
  const alone = alonePattern.exec(source)?.[1]
  if (alone !== undefined) return isRead(source, alone) ? 'all' : nothing
  const open = opening.exec(source)
  if (open === null) return 'all'
  const first = afterSpace(source, open[0].length)
  if (source[first] === ')') return isArrow(source, open[0], first) || !mayReadArguments(source) ? nothing : 'all'
  if (source[first] === '{') {
    const found = pattern(source, first)
    if (found === 'all') return 'all'
    return isArrow(source, open[0], found.end) || !mayReadArguments(source) ? found.names : 'all'
  }
  const name = matchAt(identifier, source, first)
  const end = name === undefined ? 0 : afterSpace(source, first + name.length)
  if (name === undefined || (source[end] !== ')' && source[end] !== ',')) return 'all'
  return isRead(source, name) ? 'all' : nothing
}

/**
 * `(`, `async (`, `function* name(`, `async *method(`; getters and methods with a computed, quoted or private name are
 * not followed.
 */
const opening = longPattern(
  /^(?:async(?![\p{ID_Continue}$])\s*)?(?:function(?![\p{ID_Continue}$])\s*)?/u,
  /\*?\s*(?:[\p{ID_Start}_$][\p{ID_Continue}$]*\s*)?\(/u,
)

const identifier = /[\p{ID_Start}_$][\p{ID_Continue}$]*/uy
const spaces = /(?:\s|\/\*[^]*?\*\/|\/\/[^\n\r\u2028\u2029]*(?:[\n\r\u2028\u2029]|$))*/y
/** Strings with escapes are excluded: they may spell any name. */
const plainString = /'[^'\\\n\r]*'|"[^"\\\n\r]*"/y

const afterSpace = (source: string, position: number): number =>
  position + (matchAt(spaces, source, position)?.length ?? 0)

/** Other ways to reach the arguments; an escape may spell either word. */
const mayReadArguments = (source: string): boolean => /\b(?:arguments|eval)\b|\\u/.test(source)

/** Whether a parameter may be read: its name occurs again, or code that cannot be seen runs in its scope. */
const isRead = (source: string, name: string): boolean =>
  mayReadArguments(source) || source.split(/[^\p{ID_Continue}$]+/u).filter((word) => word === name).length !== 1

/** An arrow function has no `arguments` of its own, and its destructured parameter has no name. */
const isArrow = (source: string, open: string, from: number): boolean => {
  if (!/^(?:async\s*)?\($/.test(open)) return false
  let position: number | undefined = from
  while (position !== undefined && source[position] !== ')') {
    position = endOfElement(source, position + 1)
    if (source[position ?? 0] === '}') return false
  }
  if (position === undefined) return false
  return source.startsWith('=>', afterSpace(source, position + 1))
}

/** Property names of the object pattern that starts here, and the position after it; `all` for anything unforeseen. */
const pattern = (
  source: string,
  start: number,
): { readonly names: ReadonlySet<string>; readonly end: number } | 'all' => {
  const names = new Set<string>()
  let position = afterSpace(source, start + 1)
  while (source[position] !== '}') {
    const quoted = matchAt(plainString, source, position)
    const found = quoted ?? matchAt(identifier, source, position)
    if (found === undefined) return 'all'
    names.add(quoted === undefined ? found : found.slice(1, -1))
    const next = afterSpace(source, position + found.length)
    if (!(quoted === undefined ? ':=,}' : ':').includes(source[next] ?? ' ')) return 'all'
    const end = endOfElement(source, next)
    if (end === undefined || source[end] === ')') return 'all'
    position = source[end] === ',' ? afterSpace(source, end + 1) : end
  }
  const end = afterSpace(source, position + 1)
  return '),='.includes(source[end] ?? ' ') ? { names, end } : 'all'
}

/**
 * The end of an element: the comma or closing bracket of its own level. Undefined if the source is too complex to
 * follow.
 */
const endOfElement = (source: string, from: number): number | undefined => {
  const open: string[] = []
  for (let position = afterSpace(source, from); position < source.length; position = afterSpace(source, position)) {
    const letter = source.charAt(position)
    if (letter === "'" || letter === '"') {
      const text = matchAt(plainString, source, position)
      if (text === undefined) return undefined
      position += text.length
      continue
    }
    // a slash may divide or start an expression, `<!--` and `-->` are comments in scripts
    if (letter === '`' || letter === '/' || letter === '\\' || letter === '<' || source.startsWith('-->', position))
      return undefined
    if (open.length === 0 && (letter === ',' || letter === '}' || letter === ')')) return position
    if ('([{'.includes(letter)) open.push(letter)
    if (')]}'.includes(letter) && open.pop() !== partners[letter]) return undefined
    position++
  }
  return undefined
}

const partners: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }
