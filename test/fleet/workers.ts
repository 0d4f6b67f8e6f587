// Workers on a virtual clock, which die and come back, and the queue that they take nodes from.
import { makePriorityQueue } from '../../src/base/priority-queue.js'
import { add, chance, type Dag } from './dag.js'

export interface Faults {
  /** Seconds that a worker lives on average; 0: for ever. */
  readonly life: number
  /** Seconds until another is there in its place. */
  readonly absence: number
  /** Workers that may die of one node before it fails. */
  readonly deaths: number
  /** Seconds after which the node of a dead worker is given to another. */
  readonly patience: number
}

export type Happening =
  | { readonly _tag: 'done' | 'lost'; readonly node: number }
  | { readonly _tag: 'timer'; readonly token: number }

type Event =
  | { readonly _tag: 'end'; readonly worker: number; readonly life: number }
  | { readonly _tag: 'death' | 'arrival'; readonly worker: number }
  | { readonly _tag: 'again'; readonly node: number }
  | { readonly _tag: 'timer'; readonly token: number }

const none = -1

export type Workers = ReturnType<typeof makeWorkers>

export const makeWorkers = ({ size, seconds }: Dag, count: number, faults: Faults, seed: number) => {
  const workers = {
    seconds,
    faults,
    seed,
    events: makePriorityQueue<Event>(),
    queue: makePriorityQueue<number>(),
    priorities: new Float64Array(size),
    /** In the queue, being computed, or to be given again. */
    isKnown: new Uint8Array(size),
    /** How often nodes were begun. */
    attempts: new Uint8Array(size),
    /** What a worker computes, since when, and which of its lives it is in. */
    holding: new Int32Array(count).fill(none),
    since: new Float64Array(count),
    lives: new Int32Array(count),
    idle: new Set<number>(),
    time: 0,
    deaths: 0,
    /** Seconds that workers were at work, the lost ones too. */
    busy: 0,
    /** Events that something can follow from. */
    pending: 0,
  }
  for (let worker = 0; worker < count; worker++) arrive(workers, worker)
  return workers
}

/** Puts a node into the queue; one that is there, or is being computed, stays. */
export const submit = (workers: Workers, node: number, priority: number): void => {
  if (workers.isKnown[node] === 1) return
  workers.isKnown[node] = 1
  workers.priorities[node] = priority
  put(workers, node)
}

export const after = (workers: Workers, seconds: number, token: number): void =>
  at(workers, seconds, { _tag: 'timer', token })

/** What happens next, as the clock goes on; undefined where nothing ever will. */
export const next = (workers: Workers): Happening | undefined => {
  while (workers.pending > 0 || workers.queue.size() > 0) {
    const first = workers.events.first()
    if (first === undefined) return undefined
    workers.events.pop()
    workers.time = -first.priority
    if (isConsequential(first.item)) workers.pending--
    const happening = happen(workers, first.item)
    if (happening !== undefined) return happening
  }
  return undefined
}

const isConsequential = ({ _tag }: Event): boolean => _tag !== 'death' && _tag !== 'arrival'

const at = (workers: Workers, later: number, event: Event): void => {
  if (isConsequential(event)) workers.pending++
  workers.events.push(event, -(workers.time + later))
}

const happen = (workers: Workers, event: Event): Happening | undefined => {
  switch (event._tag) {
    case 'arrival':
      arrive(workers, event.worker)
      hand(workers)
      return undefined
    case 'death':
      die(workers, event.worker)
      return undefined
    case 'timer':
      return event
    case 'again':
      if ((workers.attempts[event.node] ?? 0) >= workers.faults.deaths) return leave(workers, 'lost', event.node)
      put(workers, event.node)
      return undefined
    case 'end': {
      const { worker, life } = event
      if (life !== workers.lives[worker]) return undefined // it died at work
      const node = take(workers, worker)
      workers.idle.add(worker)
      hand(workers)
      return leave(workers, 'done', node)
    }
  }
}

const leave = (workers: Workers, _tag: 'done' | 'lost', node: number): Happening => {
  workers.isKnown[node] = 0
  return { _tag, node }
}

const arrive = (workers: Workers, worker: number): void => {
  workers.idle.add(worker)
  const { faults, seed, lives } = workers
  if (faults.life === 0) return
  const life = -Math.log(1 - chance(seed, worker, lives[worker] ?? 0)) * faults.life
  at(workers, life, { _tag: 'death', worker })
}

const put = (workers: Workers, node: number): void => {
  workers.queue.push(node, workers.priorities[node] ?? 0)
  hand(workers)
}

/** Gives what waits to who is idle. */
const hand = (workers: Workers): void => {
  for (const worker of workers.idle) {
    const node = workers.queue.pop()
    if (node === undefined) return
    workers.idle.delete(worker)
    workers.holding[worker] = node
    workers.since[worker] = workers.time
    add(workers.attempts, node)
    at(workers, workers.seconds[node] ?? 0, { _tag: 'end', worker, life: workers.lives[worker] ?? 0 })
  }
}

/** What a worker has is taken from it. */
const take = (workers: Workers, worker: number): number => {
  const node = workers.holding[worker] ?? none
  workers.holding[worker] = none
  if (node !== none) workers.busy += workers.time - (workers.since[worker] ?? 0)
  return node
}

const die = (workers: Workers, worker: number): void => {
  const { patience, absence } = workers.faults
  workers.deaths++
  add(workers.lives, worker)
  workers.idle.delete(worker)
  const node = take(workers, worker)
  if (node !== none) at(workers, patience, { _tag: 'again', node })
  at(workers, absence, { _tag: 'arrival', worker })
}
