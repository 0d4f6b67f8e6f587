import { cp } from 'node:fs/promises'
import { constants } from 'node:fs'
import type { Task } from '../../../declare/task.js'
import type { PreImage } from '../../../plan/key.js'
import { addressOf } from '../../../plan/names/artifact-address.js'
import type { NodeOutline, PlanOutline } from '../../../plan/plan-types.js'
import { codeState, lineagesOf, taskFingerprint } from '../../code-drift/code-state.js'
import type { Saved } from '../../ports/artifact.js'
import type { Staging } from '../../ports/store.js'
import { factsOf } from '../../run-info/artifact-facts.js'
import { emitRunInfo } from '../../run-info/emit-yaml.js'
import { openArtifact } from '../../run-info/hit-or-miss.js'
import { formatTime, userName, type RunInfo } from '../../run-info/run-info.js'
import type { Session } from '../../session/session.js'
import { preImagesOf, type PreImages } from '../commit-result.js'
import { recordedReads, type ReadContents } from '../read-contents.js'
import { sourcesFor, type Source } from './sources.js'

/** A node that will get the data of another artifact. */
export interface Taking {
  readonly session: Session
  readonly plan: PlanOutline
  readonly node: NodeOutline
  readonly task: Task
  /** The fields of its run info that record its inputs and its code. */
  readonly recorded: (
    preImage: PreImage,
    source: Source,
  ) => Pick<RunInfo, 'input_tasks'> &
    Partial<Pick<RunInfo, 'also_read' | 'code_fingerprint' | 'code_lineage' | 'identity'>>
  readonly formerly?: string
}

/** A node that may adopt an artifact instead of being computed. */
export interface Adopting extends Omit<Taking, 'recorded' | 'formerly'> {
  /** The contents that it would read. */
  readonly contents: ReadContents
  readonly identity: string
  /** It has waited for another process: results stored just now count. */
  readonly fresh?: boolean
}

/** An artifact that was adopted. */
export interface Adopted {
  readonly key: string
  readonly digest: string
  /** Seconds that computing it took. */
  readonly seconds: number
  readonly size: number
  readonly path: string
}

/**
 * Gives a node the data of an artifact that was computed from equal contents by the same code, with its own run info.
 * The caller holds its lease. Undefined if there is no valid one; failures are not errors: the node is computed.
 */
export const adopt = async (adopting: Adopting): Promise<Adopted | undefined> => {
  const { session, plan, node, contents, identity } = adopting
  const recorded: Taking['recorded'] = (preImage) => {
    const lineage = lineagesOf(session.index, plan).get(node.id)
    return {
      ...recordedReads(preImage, contents),
      ...(lineage === undefined ? {} : { code_lineage: lineage }),
      identity,
    }
  }
  // the files of an interrupted checkpoint belong to a run that resumes it
  if (node.storage === 'checkpoint' && session.store.pathOf(addressOf(node), 'unfinished') !== undefined)
    return undefined
  try {
    for (const source of await sourcesFor(session, node, adopting.task, identity, adopting.fresh)) {
      const path = await takeOver({ ...adopting, recorded }, source)
      if (path !== undefined) return adoptedOf(source, path)
    }
  } catch {
    // computing the node reports what is wrong with the store
  }
  return undefined
}

export const adoptedOf = ({ address: { key }, data: { digest, size }, info }: Source, path: string): Adopted => ({
  key,
  digest,
  seconds: info.time,
  size,
  path,
})

/** Commits the data of a source under a node's key; undefined if that is impossible. The caller holds its lease. */
export const takeOver = async (taking: Taking, source: Source): Promise<string | undefined> => {
  const { session, node } = taking
  const { store } = session
  const pin = source.found.directory === undefined ? undefined : await store.upkeep?.pin(source.address)
  let staging: Staging | undefined
  try {
    staging = await store.stage(addressOf(node), source.found.directory === undefined ? 'file' : 'folder')
    if (!(await stageData(staging, source)) || !(await isUnchanged(session, source))) {
      await staging.discard()
      return undefined
    }
    const preImages = preImagesOf(taking)
    const info = runInfoOf(taking, preImages, source)
    const path = await staging.commit(emitRunInfo(info), factsOf(info, preImages))
    await finish(taking, source, info)
    return path
  } catch {
    await staging?.discard()
    return undefined
  } finally {
    await pin?.release()
  }
}

/** Whether the staged data matches the run info of the source. */
const stageData = async (staging: Staging, { address, found, data }: Source): Promise<boolean> => {
  const { size, checksum, content, digest, beside } = data
  const saved: Saved = {
    size,
    checksum,
    ...(content === undefined ? {} : { content }),
    digest,
    ...(beside === undefined ? {} : { beside }),
  }
  if (found.directory === undefined) {
    if ((await staging.share?.(address, saved)) === true) return true
    const written = found.source && (await staging.write(found.source.stream(), await viewsOf(found, beside)))
    return written?.size === size && written.checksum === checksum
  }
  if (staging.directory === undefined || content === undefined) return false
  await cp(found.directory, staging.directory, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  })
  const measured = await staging.measure()
  return measured.size === size && measured.checksum === checksum && measured.content === content
}

const viewsOf = async (
  found: Source['found'],
  extensions: readonly string[] = [],
): Promise<Record<string, Uint8Array>> => {
  const views: Record<string, Uint8Array> = {}
  for (const extension of extensions) {
    const bytes = await found.beside?.(extension)
    if (bytes !== undefined) views[extension] = bytes
  }
  return views
}

/**
 * A source that was replaced, marked or collected while it was copied is invalid: data and run info may be of two runs.
 */
const isUnchanged = async ({ store }: Pick<Session, 'store'>, { address, found }: Source): Promise<boolean> => {
  const again = await openArtifact(store, address)
  return !('_tag' in again) && again.runInfo === found.runInfo
}

/**
 * Key, inputs and pre-image are the node's own; everything about the computation comes from the run that performed it.
 */
const runInfoOf = (
  { session, recorded, formerly }: Taking,
  { planned: { plan, node }, preImage, inMemory }: PreImages,
  source: Source,
): RunInfo => {
  const { address, info, data } = source
  const { also_read: _, in_memory_inputs: __, code_lineage: ___, identity: ____, ...run } = info
  return {
    ...run,
    task: {
      name: node.task,
      module: session.index.moduleOf(node.task),
      ...(node.version === undefined ? {} : { version: node.version }),
    },
    config: { name: node.config, namespace: node.namespace === '' ? null : node.namespace, context: plan.context },
    ...recorded(preImage, source),
    parameters: node.params,
    key: node.key,
    key_pre_image: preImage,
    ...(inMemory === undefined ? {} : { in_memory_inputs: inMemory }),
    data,
    adopted: {
      key: address.key,
      digest: data.digest,
      at: formatTime(session.clock.now()),
      ...(formerly === undefined ? {} : { formerly }),
    },
  }
}

/** Copies the log, and the acceptance of the source's code. A failure of either does not fail the adoption. */
const finish = async (
  { session, plan, node, task }: Taking,
  { address, blessing }: Source,
  { code_fingerprint: code, code_lineage: before }: RunInfo,
): Promise<void> => {
  const { store } = session
  try {
    const text = await store.log(address).read('kept')
    if (text !== undefined && text !== '') {
      const log = store.log(addressOf(node))
      for (const line of text.replace(/\n$/, '').split('\n')) log.write(line)
      await log.close('kept')
    }
    if (blessing === undefined) return
    const lineage = lineagesOf(session.index, plan).get(node.id)
    const computedBy = codeState({ code, lineage: before })
    const acceptedFor = codeState({ code: taskFingerprint(task), lineage })
    const at = formatTime(session.clock.now())
    await store.facts?.bless(addressOf(node).folder, [{ key: node.key, computedBy, acceptedFor, at, user: userName() }])
  } catch {
    // as above
  }
}
