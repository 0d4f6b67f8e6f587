import { couldTakeForEver, needsEngine, parsePattern, type Node } from './pattern-tree.js'

/**
 * Regular expressions of matching inputs, tested against entire names in time linear in the name: the expression runs
 * as an automaton, so no pattern backtracks forever. What an automaton cannot express (lookarounds, backreferences) is
 * left to the regular-expression engine, if its form excludes exponential backtracking.
 */

/** Tests whether an entire name matches; or the reason why the pattern is rejected. */
export type NamePattern =
  | { readonly matches: (name: string) => boolean }
  | { readonly problem: string; readonly hint: string }

const longestSource = 2000
const maxSteps = 20_000

const tooLarge: NamePattern = {
  problem: 'has a pattern that is too large',
  hint: 'repeat less: counts like {1000} are written out',
}

/**
 * Compiles a pattern. Flags g and y have no meaning here.
 *
 * @example
 * const pattern = namePattern(/(a+)+b/)
 * if ('matches' in pattern) pattern.matches('a'.repeat(90))   // false, at once
 */
export const namePattern = ({ source, flags: given }: Pick<RegExp, 'source' | 'flags'>): NamePattern => {
  const flags = given.replace(/[gyd]/g, '')
  if (source.length > longestSource) return tooLarge
  const tree = flags.includes('v') ? undefined : parsePattern(source, flags)
  if (tree === 'too large') return tooLarge
  if (tree === undefined)
    return { problem: 'has a pattern with unsupported syntax', hint: "leave out the flag 'v' and inline flags" }
  if (needsEngine(tree)) {
    if (couldTakeForEver(tree))
      return {
        problem: 'has a pattern with a lookaround or backreference and repetitions that could take forever',
        hint: 'write it without lookaround and backreference, or with fewer repetitions',
      }
    const whole = new RegExp(`^(?:${source})$`, flags)
    return { matches: (name) => whole.test(name) }
  }
  const steps: Step[] = []
  if (!compile(tree, steps, { left: maxSteps })) return tooLarge
  steps.push({ _tag: 'end' })
  return { matches: runner(steps, flags.includes('u')) }
}

type Step = Extract<Node, { readonly _tag: 'one' | 'at' }> | Fork | { readonly _tag: 'end' }
type Times = Extract<Node, { readonly _tag: 'times' }>

interface Fork {
  readonly _tag: 'fork'
  to: readonly number[]
}

/** The number of further steps allowed. */
interface Budget {
  left: number
}

/** Appends the steps of a node, each leading to the next; false if there are too many. */
const compile = (node: Node, steps: Step[], budget: Budget): boolean => {
  if (budget.left-- <= 0) return false
  switch (node._tag) {
    case 'one':
    case 'at':
      steps.push(node)
      return true
    case 'all':
      return node.parts.every((part) => compile(part, steps, budget))
    case 'any':
      return compileBranches(node.parts, steps, budget)
    case 'times':
      for (let count = 0; count < node.least; count++) if (!compile(node.part, steps, budget)) return false
      return node.most === Infinity ? compileLoop(node.part, steps, budget) : compileOptional(node, steps, budget)
    case 'engine':
      return false // handled earlier
  }
}

const compileBranches = (parts: readonly Node[], steps: Step[], budget: Budget): boolean => {
  const start = forkIn(steps)
  const exits: Fork[] = []
  const starts: number[] = []
  for (const part of parts) {
    starts.push(steps.length)
    if (!compile(part, steps, budget)) return false
    exits.push(forkIn(steps))
  }
  start.to = starts
  for (const exit of exits) exit.to = [steps.length]
  return true
}

const compileLoop = (part: Node, steps: Step[], budget: Budget): boolean => {
  const start = steps.length
  const fork = forkIn(steps)
  if (!compile(part, steps, budget)) return false
  forkIn(steps).to = [start]
  fork.to = [start + 1, steps.length]
  return true
}

/** Appends the optional repetitions from `least` to `most`; each may be the last. */
const compileOptional = ({ part, least, most }: Times, steps: Step[], budget: Budget): boolean => {
  const forks: Fork[] = []
  for (let count = least; count < most; count++) {
    const fork = forkIn(steps)
    forks.push(fork)
    fork.to = [steps.length]
    if (!compile(part, steps, budget)) return false
  }
  for (const fork of forks) fork.to = [...fork.to, steps.length]
  return true
}

const forkIn = (steps: Step[]): Fork => {
  const fork: Fork = { _tag: 'fork', to: [] }
  steps.push(fork)
  return fork
}

/** Simulates the automaton by tracking all steps that the name so far can have reached. */
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
    // the entire name is consumed
    return places.some((place) => steps[place]?._tag === 'end')
  }

  /** Follows steps that consume no character. */
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
