import { hash } from 'node:crypto'
import type { Task } from '../../declare/task.js'
import { encodeCanonical, type InputInKey, type PreImage } from '../../plan/key.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import { oldestNaming, underNames } from '../../plan/names/former-names.js'
import type { ProjectIndex } from '../../plan/names/project-index.js'
import { oldestFingerprint, taskFingerprint } from '../code-drift/code-state.js'
import { formatText } from '../code-drift/format-text.js'
import type { RunInfo } from '../run-info/run-info.js'
import type { Content, ReadArtifact } from '../session/content.js'
import { eagerRoles } from './arguments/roles.js'

/** What a running task has read so far, by key: given to it, asked for by itself or by its objects. */
export type ReadContents = ReadonlyMap<string, ReadContent>

export interface ReadContent {
  readonly node: NodeOutline
  readonly content: Content
}

/** The part of a run info that says what was read: of each input what is known, and what was read besides. */
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
  const others = [...artifactsIn(contents)].filter(([key]) => !direct.has(key))
  return others.length === 0 ? { input_tasks } : { input_tasks, also_read: Object.fromEntries(others) }
}

/** What a value in memory is by content, from what was read to make it. */
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
 * What an artifact is made from by content, from what was read to make it, or will be. Undefined where that does not
 * tell its value: other artifacts of this identity need not be equal to it.
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
  for (const [input, { content }] of contents) read += `${input} ${content.digest ?? content.identity ?? ''} `
  const before = lately.get(task)
  if (before?.key === key && before.read === read && before.index === index) return before.identity
  const identity = identityOf(index, task, preImage, contents, formatText(task))
  lately.set(task, { index, key, read, identity })
  return identity
}

/** Asked for before a node is computed, and again after that: what it has read is mostly what was expected. */
const lately = new WeakMap<
  Task,
  { readonly index: ProjectIndex; readonly key: string; readonly read: string; readonly identity: string | undefined }
>()

/**
 * The pre-image with the content of each input that was read in place of its key, hashed; undefined where one is
 * unknown, and where something else was read: by objects, which ask the chain. Names enter under their oldest form, so
 * that a name that has changed makes no difference.
 */
const identityOf = (
  index: ProjectIndex,
  task: Task,
  preImage: PreImage,
  contents: ReadContents,
  made: string | undefined,
): string | undefined => {
  if (!task.declaration.deterministic || made === undefined) return undefined
  const direct = new Set<string>()
  let isKnown = true
  const eager = new Set(eagerRoles(task).map(({ name }) => name))
  const inputs = replaced(preImage.inputs, (input, role) => {
    direct.add(input.key)
    const read = contents.get(input.key)
    if (read === undefined) {
      isKnown &&= !eager.has(role)
      return input // never asked for
    }
    const content = read.content.digest ?? read.content.identity
    isKnown &&= content !== undefined
    return { task: input.task, content: content ?? '' }
  })
  if (!isKnown || [...contents.keys()].some((key) => !direct.has(key))) return undefined
  const image = { ...preImage, inputs, made }
  const { naming } = oldestNaming(index)
  return hash('sha256', encodeCanonical(naming === undefined ? image : underNames(naming, image)), 'hex')
}

/** Artifacts that were read, also those behind values in memory; what nobody has digested is not among them. */
const artifactsIn = (contents: ReadContents): ReadonlyMap<string, ReadArtifact> => {
  const found = new Map<string, ReadArtifact>()
  for (const [key, { node, content }] of contents) {
    if (content.digest !== undefined) found.set(key, { task: node.task, digest: content.digest })
    for (const [other, artifact] of content.behind ?? []) found.set(other, artifact)
  }
  return found
}

/** Inputs by role, and by record key, each as something else. */
export const replaced = <A extends object>(
  inputs: PreImage['inputs'],
  as: (input: InputInKey, role: string, recordKey?: string) => A,
): { readonly [role: string]: A | { readonly [recordKey: string]: A } } =>
  Object.fromEntries(
    Object.entries(inputs).map(([role, input]) => [
      role,
      isOne(input)
        ? as(input, role)
        : Object.fromEntries(Object.entries(input).map(([name, one]) => [name, as(one, role, name)])),
    ]),
  )

const isOne = (input: PreImage['inputs'][string]): input is InputInKey => typeof input['key'] === 'string'
