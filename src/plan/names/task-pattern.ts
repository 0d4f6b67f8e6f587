/** Patterns of `tasks` and `excluded_tasks`: `movies.*`, `movies.all_movies`, `rating.model.train_*`. */

/** A compiled pattern: the prefix of every match, and the test. */
export interface TaskGlob {
  /** The part before the first `*`; the whole pattern if there is none. */
  readonly prefix: string
  /** True without `*`: only the prefix itself matches. */
  readonly literal: boolean
  /** Tests a name in dotted form (`group.name`), in time linear in its length. */
  readonly matches: (dotted: string) => boolean
}

/** Longer patterns match nothing: names have at most a few hundred characters. */
export const longestPattern = 1000

/** Names and patterns may be written `group:name` or `group.name`. */
export const dottedForm = (name: string): string => name.replaceAll(':', '.')

/**
 * Compiles a pattern: `*` matches any characters of one segment, `**` anything.
 *
 * @example taskGlob('movies.*').matches('movies.all_movies')   // true, but not 'movies.sub.task'
 */
export const taskGlob = (pattern: string): TaskGlob => {
  const dotted = dottedForm(pattern)
  const star = dotted.indexOf('*')
  if (star < 0) return { prefix: dotted, literal: true, matches: (name) => name === dotted }
  const prefix = dotted.slice(0, star)
  return { prefix, literal: false, matches: onlyStar(prefix, dotted.slice(star)) ?? runner(stepsOf(dotted)) }
}

/** Most patterns end with their only star. */
const onlyStar = (prefix: string, rest: string): TaskGlob['matches'] | undefined => {
  if (rest === '**') return (name) => name.startsWith(prefix)
  return rest === '*' ? (name) => name.startsWith(prefix) && !name.includes('.', prefix.length) : undefined
}

/** One character, a star within a segment, or a star across segments. */
type Step = { readonly letter: number } | 'segment' | 'anything'

const stepsOf = (dotted: string): readonly Step[] => {
  const steps: Step[] = []
  for (const [piece] of dotted.matchAll(/\*+|[^*]/gs)) {
    if (piece.startsWith('*')) steps.push(piece.length > 1 ? 'anything' : 'segment')
    else for (let index = 0; index < piece.length; index++) steps.push({ letter: piece.charCodeAt(index) })
  }
  return steps
}

const dot = '.'.charCodeAt(0)

/** Tracks the set of steps that the characters so far can have reached, so that no pattern backtracks. */
const runner = (steps: readonly Step[]): ((name: string) => boolean) => {
  const sets = [new Uint8Array(steps.length + 1), new Uint8Array(steps.length + 1)] as const
  return (name) => {
    let [active, next] = sets
    active.fill(0)
    active[0] = 1
    skipStars(steps, active)
    for (let at = 0; at < name.length; at++) {
      next.fill(0)
      if (!step(steps, active, next, name.charCodeAt(at))) return false
      skipStars(steps, next)
      ;[active, next] = [next, active]
    }
    return active[steps.length] === 1
  }
}

/** Consumes one character; false if no step accepts it. */
const step = (steps: readonly Step[], active: Uint8Array, next: Uint8Array, letter: number): boolean => {
  let alive = false
  for (let index = 0; index < steps.length; index++) {
    if (active[index] === 0) continue
    const one = steps[index]
    const stays = one === 'anything' || (one === 'segment' && letter !== dot)
    const goesOn = typeof one === 'object' && one.letter === letter
    if (stays) next[index] = 1
    if (goesOn) next[index + 1] = 1
    alive ||= stays || goesOn
  }
  return alive
}

/** A star may match nothing. */
const skipStars = (steps: readonly Step[], active: Uint8Array): void => {
  for (let index = 0; index < steps.length; index++)
    if (active[index] === 1 && typeof steps[index] === 'string') active[index + 1] = 1
}
