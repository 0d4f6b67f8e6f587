import type { RunError } from '../errors.js'
import type { Unit } from './interpret-types.js'

/** Why a node cannot run: the nodes at fault, and what became of them. */
export interface Blockers {
  readonly because: readonly string[]
  readonly errors: readonly RunError[]
}

/** Waits for a node's inputs; undefined where all of them have a value. */
export const blockersOf = async (unit: Unit): Promise<Blockers | undefined> => {
  const because: string[] = []
  const errors: RunError[] = []
  for (const input of unit.inputs) {
    const ended = await input.ended
    if (ended._tag === 'skipped') {
      for (const one of ended.because) because.push(one)
      for (const one of ended.errors) errors.push(one)
    } else if (ended._tag === 'failed' || ended._tag === 'unfinished') {
      because.push(input.node.id)
      errors.push(ended._tag === 'failed' ? ended.error : { _tag: 'UnfinishedInput', node: unit.node.id, because: [input.node.id], reason: ended.reason })
    }
  }
  return because.length === 0 ? undefined : { because: [...new Set(because)].sort(), errors: [...new Set(errors)] }
}
