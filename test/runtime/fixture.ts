import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { defineProject, type Modules } from '../../src/declare/project.js'
import { indexProject } from '../../src/plan/names/project-index.js'
import type { Plan } from '../../src/plan/plan-types.js'
import { makeChain } from '../../src/runtime/chain/chain.js'
import type { Chain } from '../../src/runtime/chain/chain-types.js'
import { systemClock } from '../../src/runtime/session/system-clock.js'
import type { RunEvent } from '../../src/runtime/ports/events.js'
import type { LogLine } from '../../src/runtime/ports/log.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { makeSession, type Session, type SessionParts } from '../../src/runtime/session/session.js'
import { planOf, type PlanOfSpec } from '../../src/testing/plan-of.js'

export interface Opened {
  readonly chain: Chain
  readonly session: Session
  readonly plan: Plan
  readonly store: Store
  readonly events: readonly RunEvent[]
  /** Events as short words: `started movies:all`. */
  readonly told: () => readonly string[]
  readonly lines: readonly LogLine[]
}

/** A chain over a store in memory, with all its events and log lines. */
export const open = (
  pipelines: Modules,
  spec: Omit<PlanOfSpec, 'tasks'> = {},
  parts: Partial<SessionParts> = {},
): Opened => {
  const project =
    parts.project ?? defineProject({ pipelines, objects: spec.objects ?? {}, globals: spec.globals ?? {} })
  const plan = planOf({ ...spec, tasks: project })
  const events: RunEvent[] = []
  const lines: LogLine[] = []
  const store = parts.store ?? memoryStore()
  const session = makeSession({
    project,
    index: indexProject(project),
    store,
    clock: systemClock,
    log: { attach: () => undefined, write: (line) => void lines.push(line), detach: async () => undefined },
    concurrency: 4,
    grace: 20,
    listener: (event) => void events.push(event),
    ...parts,
  })
  return {
    chain: makeChain(session, plan),
    session,
    plan,
    store,
    events,
    lines,
    told: () => events.map((event) => ('node' in event ? `${event._tag} ${event.node}` : event._tag)),
  }
}

/** A promise with its handles outside. */
export const gate = <A = void>(): { readonly promise: Promise<A>; readonly open: (value: A) => void } => {
  let open: (value: A) => void = () => undefined
  const promise = new Promise<A>((resolve) => (open = resolve))
  return { promise, open }
}
