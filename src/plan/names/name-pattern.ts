/**
 * Regular expressions of matching inputs, held against names in full and in time linear in the name: the expression is
 * run as an automaton, so no pattern backtracks for ever. What an automaton cannot say (lookarounds, backreferences) is
 * left to the engine, in shapes that cannot explode.
 */

/** Whether a name matches in full; or why a pattern is not used. */
export type NamePattern =
  | { readonly matches: (name: string) => boolean }
  | { readonly problem: string; readonly hint: string }

const longestSource = 2000
const mostSteps = 20_000
const deepest = 200

const tooLarge: NamePattern = {
  problem: 'has a pattern that is too large',
  hint: 'repeat less: counts like {1000} are written out',
}

/**
 * Makes a pattern ready. Flags g and y have no meaning here.
 *
 * @example
 * const pattern = namePattern(/(a+)+b/)
 * if ('matches' in pattern) pattern.matches('a'.repeat(90))   // false, at once
 */
export const namePattern = ({ source, flags: given }: Pick<RegExp, 'source' | 'flags'>): NamePattern => {
  const flags = given.replace(/[gyd]/g, '')
  if (source.length > longestSource) return tooLarge
  const tree = flags.includes('v') ? undefined : parse(source, flags)
  if (tree === 'too large') return tooLarge
  if (tree === undefined)
    return {
      problem: 'has a pattern of a kind that is not known here',
      hint: "leave out the flag 'v' and inline flags",
    }
  if (needsEngine(tree)) {
    if (unbounded(tree) > 3 || couldExplode(tree, false))
      return {
        problem: 'has a pattern with a lookaround or backreference beside repetitions that could take for ever',
        hint: 'say it without lookaround and backreference, or with fewer repetitions',
      }
    const whole = new RegExp(`^(?:${source})$`, flags)
    return { matches: (name) => whole.test(name) }
  }
  const steps: Step[] = []
  if (!compile(tree, steps, { left: mostSteps })) return tooLarge
  steps.push({ _tag: 'end' })
  return { matches: runner(steps, flags.includes('u')) }
}

type Node =
  | { readonly _tag: 'one'; readonly takes: (character: string) => boolean }
  | { readonly _tag: 'at'; readonly holds: (name: readonly string[], at: number) => boolean }
  | { readonly _tag: 'engine'; readonly inner: Node | undefined }
  | { readonly _tag: 'all'; readonly parts: readonly Node[] }
  | { readonly _tag: 'any'; readonly parts: readonly Node[] }
  | { readonly _tag: 'times'; readonly part: Node; readonly least: number; readonly most: number }

const isWord = (character: string | undefined): boolean => character !== undefined && /\w/.test(character)
const isBoundary = (name: readonly string[], at: number): boolean => isWord(name[at - 1]) !== isWord(name[at])

/** Undefined where there is syntax that we do not know; the source is a regular expression that the engine has read. */
const parse = (source: string, flags: string): Node | undefined | 'too large' => {
  let at = 0
  let depth = 0
  let failed: 'unknown' | 'too large' | undefined
  const giveUp = (why: 'unknown' | 'too large'): Node => {
    failed ??= why
    at = source.length
    return { _tag: 'all', parts: [] }
  }
  const rest = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(source) ?? undefined
    if (found !== undefined) at += found[0].length
    return found
  }
  const one = (text: string): Node => {
    const whole = new RegExp(`^(?:${text})$`, flags)
    const known = new Map<string, boolean>()
    return {
      _tag: 'one',
      takes: (character) => {
        const before = known.get(character)
        if (before !== undefined) return before
        const takes = whole.test(character)
        known.set(character, takes)
        return takes
      },
    }
  }
  const any = (): Node => {
    const first = all()
    const parts = [first]
    while (source[at] === '|') {
      at++
      parts.push(all())
    }
    return parts.length === 1 ? first : { _tag: 'any', parts }
  }
  const all = (): Node => {
    const parts: Node[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(repeated(atom()))
    return { _tag: 'all', parts }
  }
  const repeated = (part: Node): Node => {
    const found = rest(/(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y)
    if (found === undefined) return part
    const [, sign, least, comma, most] = found
    if (sign !== undefined)
      return { _tag: 'times', part, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity }
    return {
      _tag: 'times',
      part,
      least: Number(least),
      most: comma === undefined ? Number(least) : most === '' ? Infinity : Number(most),
    }
  }
  const group = (): Node => {
    if (++depth > deepest) return giveUp('too large')
    const inner = any()
    depth--
    return source[at++] === ')' ? inner : giveUp('unknown')
  }
  const atom = (): Node => {
    if (rest(/\((?:\?=|\?!|\?<=|\?<!)/y) !== undefined) return { _tag: 'engine', inner: group() }
    if (rest(/\((?:\?:|\?<[^>=!]+>)/y) !== undefined) return group()
    if (source.startsWith('(?', at)) return giveUp('unknown')
    if (rest(/\(/y) !== undefined) return group()
    if (rest(/\^/y) !== undefined) return { _tag: 'at', holds: (_, position) => position === 0 }
    if (rest(/\$/y) !== undefined) return { _tag: 'at', holds: (name, position) => position === name.length }
    if (rest(/\\b/y) !== undefined) return { _tag: 'at', holds: isBoundary }
    if (rest(/\\B/y) !== undefined) return { _tag: 'at', holds: (name, position) => !isBoundary(name, position) }
    if (rest(/\\(?:[1-9]\d*|k<[^>]*>|k)/y) !== undefined) return { _tag: 'engine', inner: undefined }
    const single =
      rest(/\[(?:[^\]\\]|\\[^])*\]/y) ??
      rest(/\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|0(?![0-9])|[^cpPkux0-9])/y) ??
      rest(flags.includes('u') ? /[^\\()[]/uy : /[^\\()[]/y)
    if (single === undefined) return giveUp('unknown')
    return one(/^[{}\]/]$/.test(single[0]) ? `\\${single[0]}` : single[0])
  }
  const tree = any()
  return failed === 'too large' ? failed : failed === undefined && at === source.length ? tree : undefined
}

const insideOf = (node: Node): readonly Node[] => {
  switch (node._tag) {
    case 'all':
    case 'any':
      return node.parts
    case 'times':
      return [node.part]
    case 'engine':
      return node.inner === undefined ? [] : [node.inner]
    default:
      return []
  }
}

const needsEngine = (node: Node): boolean => node._tag === 'engine' || insideOf(node).some(needsEngine)
const isLong = (node: Node): boolean => node._tag === 'times' && node.most > 8
const unbounded = (node: Node): number =>
  insideOf(node).reduce((sum, inner) => sum + unbounded(inner), isLong(node) ? 1 : 0)
/** A repetition of what repeats or branches: the engine may try exponentially many ways. */
const couldExplode = (node: Node, repeated: boolean): boolean =>
  (repeated && (node._tag === 'any' || node._tag === 'times')) ||
  insideOf(node).some((inner) => couldExplode(inner, repeated || (node._tag === 'times' && node.most > 1)))

type Step =
  | { readonly _tag: 'one'; readonly takes: (character: string) => boolean }
  | { readonly _tag: 'at'; readonly holds: (name: readonly string[], at: number) => boolean }
  | { readonly _tag: 'fork'; to: readonly number[] }
  | { readonly _tag: 'end' }

/** Writes the steps of a node, each leading to the next; false where there are too many. */
const compile = (node: Node, steps: Step[], budget: { left: number }): boolean => {
  if (budget.left-- <= 0) return false
  switch (node._tag) {
    case 'one':
    case 'at':
      steps.push(node)
      return true
    case 'all':
      return node.parts.every((part) => compile(part, steps, budget))
    case 'any': {
      const fork: Step = { _tag: 'fork', to: [] }
      steps.push(fork)
      const starts: number[] = []
      const exits: (Step & { readonly _tag: 'fork' })[] = []
      for (const part of node.parts) {
        starts.push(steps.length)
        if (!compile(part, steps, budget)) return false
        const exit: Step & { readonly _tag: 'fork' } = { _tag: 'fork', to: [] }
        steps.push(exit)
        exits.push(exit)
      }
      fork.to = starts
      for (const exit of exits) exit.to = [steps.length]
      return true
    }
    case 'times': {
      for (let count = 0; count < node.least; count++) if (!compile(node.part, steps, budget)) return false
      if (node.most === Infinity) {
        const start = steps.length
        const fork: Step = { _tag: 'fork', to: [] }
        steps.push(fork)
        if (!compile(node.part, steps, budget)) return false
        steps.push({ _tag: 'fork', to: [start] })
        fork.to = [start + 1, steps.length]
        return true
      }
      const forks: (Step & { readonly _tag: 'fork' })[] = []
      for (let count = node.least; count < node.most; count++) {
        const fork: Step & { readonly _tag: 'fork' } = { _tag: 'fork', to: [] }
        steps.push(fork)
        forks.push(fork)
        fork.to = [steps.length]
        if (!compile(node.part, steps, budget)) return false
      }
      for (const fork of forks) fork.to = [...fork.to, steps.length]
      return true
    }
    case 'engine':
      return false // handled before
  }
}

/** Keeps all places where the name so far can have led to. */
const runner = (steps: readonly Step[], byCodePoint: boolean): ((name: string) => boolean) => {
  const seen = new Int32Array(steps.length).fill(-1)
  let turn = 0
  return (name) => {
    const characters = byCodePoint ? Array.from(name) : name.split('')
    let places = reach([0], characters, 0, ++turn)
    for (const [at, character] of characters.entries()) {
      if (places.length === 0) return false
      const next: number[] = []
      for (const place of places) {
        const step = steps[place]
        if (step?._tag === 'one' && step.takes(character)) next.push(place + 1)
      }
      places = reach(next, characters, at + 1, ++turn)
    }
    return places.some((place) => steps[place]?._tag === 'end') // at an end: nothing is reached where characters are left
  }

  /** Follows what takes no character. */
  function reach(from: readonly number[], name: readonly string[], at: number, now: number): readonly number[] {
    const found: number[] = []
    const waiting = [...from]
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      if (seen[place] === now) continue
      seen[place] = now
      const step = steps[place]
      if (step?._tag === 'fork') for (const one of step.to) waiting.push(one)
      else if (step?._tag === 'at') {
        if (step.holds(name, at)) waiting.push(place + 1)
      } else found.push(place)
    }
    return found
  }
}
