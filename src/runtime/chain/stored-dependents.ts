import { pushTo } from '../../base/grouping.js'
import { byCodeUnit } from '../../base/code-unit-order.js'
import { listFolder } from '../run-info/one-folder.js'
import { isWholeByName } from '../run-info/hit-or-miss.js'
import * as E from 'fp-ts/lib/Either.js'
import { isOneInput, type PreImage } from '../../plan/key.js'
import type { Plan } from '../../plan/plan-types.js'
import { factsOfRunInfo } from '../run-info/artifact-facts.js'
import type { ArtifactFacts } from '../ports/facts.js'
import { parseRunInfo } from '../run-info/run-info.js'
import type { Session } from '../session/session.js'
import { factsIn } from './why-node.js'

/**
 * A stored result of another config, or of this one with other values, that was computed from results of this chain.
 */
export interface StoredDependent {
  /** `group:name`. */
  readonly task: string
  readonly key: string
  /** The config that computed it; undefined if its run info does not name it, and beyond the first thousand results. */
  readonly config: string | undefined
  /** When it ended, as in its run info. */
  readonly ended: string
}

/**
 * Stored results that were computed from results of these keys, directly or not, and belong to no node of the plan:
 * found by the input keys in the indexes of all tasks of the project. Reads one index per task, and changes nothing.
 */
export const storedDependents = async (
  session: Pick<Session, 'index' | 'store'>,
  plan: Plan,
  keys: ReadonlySet<string>,
): Promise<readonly StoredDependent[]> => {
  const readers = new Map<string, Stored[]>()
  for (const task of session.index.entries.keys()) {
    for (const stored of await storedOf(session, task)) {
      for (const input of stored.inputs) {
        pushTo(readers, input, stored)
      }
    }
  }
  const own = new Set(plan.nodes.map((node) => node.key))
  const found = new Map<string, Stored>()
  const waiting = [...keys]
  const seen = new Set(waiting)
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    for (const reader of readers.get(key) ?? []) {
      if (seen.has(reader.facts.key)) continue
      seen.add(reader.facts.key)
      waiting.push(reader.facts.key)
      if (!own.has(reader.facts.key)) found.set(reader.facts.key, reader)
    }
  }
  const ordered = [...found.values()].sort(
    (left, right) => byCodeUnit(left.task, right.task) || byCodeUnit(left.facts.key, right.facts.key),
  )
  const dependents: StoredDependent[] = []
  for (const { task, folder, facts } of ordered) {
    const { key, ended, extension } = facts
    const runInfo =
      dependents.length < maxNamed ? await session.store.readRunInfo({ folder, key, extension }) : undefined
    dependents.push({ task, key, config: configIn(runInfo), ended })
  }
  return dependents
}

/** The config is read for at most this many. */
const maxNamed = 1000

interface Stored {
  readonly task: string
  readonly folder: string
  readonly facts: ArtifactFacts
  /** Keys of its inputs, including those of inputs in memory and of their own inputs. */
  readonly inputs: ReadonlySet<string>
}

/** Artifacts of a task that exist and are not marked. */
const storedOf = async (session: Pick<Session, 'store'>, task: string): Promise<readonly Stored[]> => {
  const folder = task.replaceAll(':', '/')
  const listing = await listFolder(session.store, folder)
  if (listing.size === 0) return []
  const stored: Stored[] = []
  for (const facts of (await factsIn(session, folder)).values()) {
    if (!isWholeByName(listing.get(facts.key), facts.extension)) continue
    const whole = facts.preImage === undefined ? await fromRunInfo(session, folder, facts) : facts
    if (whole?.preImage !== undefined)
      stored.push({ task, folder, facts, inputs: inputKeys([whole.preImage, ...Object.values(whole.inMemory ?? {})]) })
  }
  return stored
}

/** For pre-images that are too large for an index. */
const fromRunInfo = async (
  session: Pick<Session, 'store'>,
  folder: string,
  { key, extension }: ArtifactFacts,
): Promise<ArtifactFacts | undefined> => {
  const text = await session.store.readRunInfo({ folder, key, extension })
  return text === undefined ? undefined : factsOfRunInfo(text, key)
}

const inputKeys = (preImages: readonly PreImage[]): ReadonlySet<string> => {
  const keys = new Set<string>()
  for (const { inputs } of preImages)
    for (const input of Object.values(inputs))
      for (const one of isOneInput(input) ? [input] : Object.values(input)) keys.add(one.key)
  return keys
}

const configIn = (runInfo: string | undefined): string | undefined => {
  const parsed = runInfo === undefined ? undefined : parseRunInfo(runInfo)
  return parsed !== undefined && E.isRight(parsed) ? parsed.right.config.name : undefined
}
