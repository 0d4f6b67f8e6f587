import { hash } from 'node:crypto'
import type { Task } from '../../declare/task.js'
import { encodeByContent, isOneInput, type InputInKey, type PreImage } from '../../plan/key.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import { oldestNaming, underNames } from '../../plan/names/former-names.js'
import type { ProjectIndex } from '../../plan/names/project-index.js'
import { oldestFingerprint, taskFingerprint } from '../code-drift/code-state.js'
import { formatText } from '../code-drift/format-text.js'
import type { RunInfo } from '../run-info/run-info.js'
import type { Content, ReadArtifact } from '../session/content.js'
import { eagerRoles } from './arguments/roles.js'

/**
 * The contents that a running task has read so far, by key: its arguments, and values requested by itself or its
 * objects.
 */
export type ReadContents = ReadonlyMap<string, ReadContent>

export interface ReadContent {
  readonly node: NodeOutline
  readonly content: Content
}

/** The part of a run info that records reads: the known content of each input, and other artifacts that were read. */
export const recordedReads = (
  { inputs }: PreImage,
  contents: ReadContents,
): Pick<RunInfo, 'input_tasks' | 'also_read'> => {
  const direct = new Set<string>()
  const recorded = (input: InputInKey): InputInKey & Pick<Content, 'digest' | 'identity'> => {
    direct.add(input.key)
    const { task, key } = input
    const { digest, identity } = contents.get(key)?.content ?? {}
    if (digest !== undefined) return { task, key, digest }
    return identity === undefined ? input : { task, key, identity }
  }
  const input_tasks = replaced(inputs, recorded)
  const others = artifactsIn(contents, direct)
  return others.size === 0 ? { input_tasks } : { input_tasks, also_read: Object.fromEntries(others) }
}

/** The content of a value in memory, derived from the contents that it was computed from. */
export const contentInMemory = (
  index: ProjectIndex,
  task: Task,
  preImage: PreImage,
  contents: ReadContents,
): Content => {
  const behind = artifactsIn(contents)
  const identity = identityOf(index, task, preImage, contents, oldestFingerprint(task) ?? undefined)
  return { ...(identity === undefined ? {} : { identity }), ...(behind.size === 0 ? {} : { behind }) }
}

/**
 * The content identity of an artifact, derived from the contents that it was, or will be, computed from. Undefined if
 * that does not determine its value: other artifacts of this identity need not be equal to it.
 */
export const identityOfArtifact = (
  index: ProjectIndex,
  task: Task,
  key: string,
  preImage: PreImage,
  contents: ReadContents,
): string | undefined => {
  const { refresh } = task.declaration
  if (refresh !== undefined || taskFingerprint(task) === null) return undefined
  let read = ''
  contents.forEach(({ content }, input) => (read += `${input} ${content.digest ?? content.identity ?? ''} `))
  const before = lately.get(task)
  if (before?.key === key && before.read === read && before.index === index) {
    lately.delete(task)
    return before.identity
  }
  const identity = identityOf(index, task, preImage, contents, formatText(task))
  lately.set(task, { index, key, read, identity })
  return identity
}

/**
 * Requested before and after a node is computed: the contents it has read are usually the expected ones. Forgotten at
 * the second request.
 */
const lately = new WeakMap<
  Task,
  { readonly index: ProjectIndex; readonly key: string; readonly read: string; readonly identity: string | undefined }
>()

/**
 * A hash of the pre-image, with the content of each input in place of its key; undefined if one is unknown, or if
 * something else was read by objects that query the chain. Names enter in their oldest form, so that a rename makes no
 * difference.
 */
const identityOf = (
  index: ProjectIndex,
  task: Task,
  preImage: PreImage,
  contents: ReadContents,
  made: string | undefined,
): string | undefined => {
  if (!task.declaration.deterministic || made === undefined) return undefined
  const { naming } = oldestNaming(index)
  const image = naming === undefined ? preImage : underNames(naming, preImage)
  const direct = new Set<string>()
  let isKnown = true
  const text = encodeByContent(image, made, (input, role) => {
    direct.add(input.key)
    const read = contents.get(input.key)
    if (read === undefined) {
      isKnown &&= !eagerRoles(task).some(({ name }) => (naming?.input(preImage.task, name) ?? name) === role)
      return undefined // never requested
    }
    const content = read.content.digest ?? read.content.identity
    isKnown &&= content !== undefined
    return content ?? ''
  })
  for (const key of contents.keys()) isKnown &&= direct.has(key)
  return isKnown ? hash('sha256', text, 'hex') : undefined
}

/**
 * Artifacts that were read, including those behind values in memory; without those that have no digest, and those of
 * `known` keys.
 */
const artifactsIn = (contents: ReadContents, known?: ReadonlySet<string>): ReadonlyMap<string, ReadArtifact> => {
  const found = new Map<string, ReadArtifact>()
  contents.forEach(({ node, content }, key) => {
    if (content.digest !== undefined && known?.has(key) !== true)
      found.set(key, { task: node.task, digest: content.digest })
    content.behind?.forEach((artifact, other) => known?.has(other) === true || found.set(other, artifact))
  })
  return found
}

/** Replaces each input, by role and by record key. */
export const replaced = <A extends object>(
  inputs: PreImage['inputs'],
  as: (input: InputInKey, role: string, recordKey?: string) => A,
): { readonly [role: string]: A | { readonly [recordKey: string]: A } } =>
  Object.fromEntries(
    Object.entries(inputs).map(([role, input]) => [
      role,
      isOneInput(input)
        ? as(input, role)
        : Object.fromEntries(Object.entries(input).map(([name, one]) => [name, as(one, role, name)])),
    ]),
  )
