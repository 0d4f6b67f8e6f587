import { hostname } from 'node:os'
import { formatOf } from '../../declare/json/json.js'
import type { RunError } from '../../errors.js'
import { readable } from '../../explain/readable.js'
import { preImageOfNode, type PreImage } from '../../plan/key.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { inputIds, nodeIn, plannedOf } from '../../plan/plan-graph.js'
import type { NodeOutline, PlannedNode } from '../../plan/plan-types.js'
import { lineagesOf, taskFingerprint } from '../code-drift/code-state.js'
import type { Saved } from '../ports/artifact.js'
import { factsOf } from '../run-info/artifact-facts.js'
import { emitComputed } from '../run-info/computed-run-info.js'
import { formatTime, libraryVersion, userName, type RunInfo } from '../run-info/run-info.js'
import type { ComputedEnd } from './attempt-end.js'
import { notSaved } from './node-failures.js'
import { identityOfArtifact, recordedReads } from './read-contents.js'
import type { Work } from './work.js'

export type Committed =
  | { readonly _tag: 'committed'; readonly path: string | undefined; readonly value: unknown }
  | { readonly _tag: 'refused'; readonly error: RunError }

/** Facts that only the run knows. Times in milliseconds since 1970. */
export interface RunFacts {
  readonly notes: readonly unknown[]
  readonly attempts: number
  readonly started: number
  readonly ended: number
  readonly seconds: number
}

/** Publishes the staged data with its run info. `hasLog`: a log was written, which the run info explains. */
export const commitResult = async (
  work: Work,
  { staging, reading, value, saved }: ComputedEnd,
  facts: RunFacts,
  hasLog: boolean,
): Promise<Committed> => {
  const { session, node, task } = work
  const { persistence } = formatOf(task.declaration.data)
  try {
    if (staging === undefined && facts.notes.length === 0 && !hasLog)
      return { _tag: 'committed', path: undefined, value }
    const target = staging ?? (await session.store.stage(addressOf(node), 'nothing'))
    const preImages = preImagesOf(work)
    const info = runInfoOf(work, preImages, facts, saved)
    const text = emitComputed(info, preImages.preImage)
    const path = await target.commit(text, factsOf(info, preImages))
    if (staging === undefined) return { _tag: 'committed', path: undefined, value }
    reading?.begin(text)
    const isFolder = persistence.storage === 'folder' || persistence.storage === 'checkpoint'
    return { _tag: 'committed', path, value: isFolder ? await persistence.read(path, true) : value }
  } catch (cause) {
    await staging?.discard()
    return { _tag: 'refused', error: notSaved(session, node, readable(cause)).error }
  }
}

export interface PreImages {
  readonly planned: PlannedNode
  readonly preImage: PreImage
  /** Of inputs in memory and of their own inputs; undefined if there are none or too many. */
  readonly inMemory: { readonly [key: string]: PreImage } | undefined
}

/**
 * At most this many inputs in memory are recorded with an artifact: a chain of in-memory tasks would repeat itself in
 * every record.
 */
const maxInMemory = 20

export const preImagesOf = (work: Pick<Work, 'plan' | 'node'>): PreImages => {
  const planned = plannedOf(work)
  const imageOf = (node: PlannedNode['node']): PreImage => preImageOfNode(work.plan, node)
  const preImage = imageOf(planned.node)
  const ids = new Map<string, string>() // by key
  const waiting: NodeOutline[] = [work.node]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    for (const id of inputIds(next)) {
      const input = nodeIn(work.plan, id)
      if (input.storage !== 'memory' || ids.has(input.key)) continue
      ids.set(input.key, input.id)
      if (ids.size > maxInMemory) return { planned, preImage, inMemory: undefined }
      waiting.push(input)
    }
  if (ids.size === 0) return { planned, preImage, inMemory: undefined }
  const inMemory = [...ids].map(([key, id]) => [key, imageOf(nodeIn(planned.plan, id))] as const)
  return { planned, preImage, inMemory: Object.fromEntries(inMemory) }
}

let host: string | undefined
let peak = { at: -Infinity, bytes: 0 }

/** Milliseconds for which the last measured peak is reused, for runs that took no longer than that. */
const samePeak = 100

/** Peak memory of this process in bytes: the system adds up every thread for it, which costs more than a small task. */
const peakMemory = (seconds: number): number => {
  const now = performance.now()
  if (seconds * 1000 > samePeak || now - peak.at > samePeak)
    peak = { at: now, bytes: process.resourceUsage().maxRSS * 1024 }
  return peak.bytes
}

/** The run info of a finished run: what was computed, from what, when, where and by whom. */
const runInfoOf = (
  { session, plan, task, contents }: Work,
  { planned, preImage, inMemory }: PreImages,
  facts: RunFacts,
  saved: Saved | undefined,
): RunInfo => {
  const { context } = planned.plan
  const { node } = planned
  const lineage = lineagesOf(session.index, plan).get(node.id)
  const { persistence } = formatOf(task.declaration.data)
  const identity =
    saved?.digest === undefined ? undefined : identityOfArtifact(session.index, task, node.key, preImage, contents)
  return {
    schema: 1,
    task: {
      name: node.task,
      module: session.index.moduleOf(node.task),
      ...(node.version === undefined ? {} : { version: node.version }),
    },
    config: { name: node.config, namespace: node.namespace === '' ? null : node.namespace, context },
    ...recordedReads(preImage, contents),
    parameters: node.params,
    log: facts.notes,
    started: formatTime(facts.started),
    ended: formatTime(facts.ended),
    time: facts.seconds,
    user: { name: userName() },
    host: (host ??= hostname()),
    key: node.key,
    key_pre_image: preImage,
    ...(inMemory === undefined ? {} : { in_memory_inputs: inMemory }),
    versions: { taskchain: libraryVersion(), node: process.version },
    code_fingerprint: taskFingerprint(task),
    ...(lineage === undefined ? {} : { code_lineage: lineage }),
    ...(identity === undefined ? {} : { identity }),
    data:
      saved === undefined
        ? null
        : {
            format: node.format,
            extension: node.extension,
            size: saved.size,
            checksum: saved.checksum,
            ...(saved.content === undefined ? {} : { content: saved.content }),
            ...(saved.digest === undefined ? {} : { digest: saved.digest }),
            ...(saved.beside === undefined ? {} : { beside: saved.beside }),
            ...('views' in persistence ? { views: persistence.views } : {}),
          },
    peak_memory: peakMemory(facts.seconds),
    attempts: facts.attempts,
  }
}
