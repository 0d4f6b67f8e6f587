import * as E from 'fp-ts/lib/Either.js'
import type { PreImage } from '../../plan/key.js'
import type { ArtifactFacts } from '../ports/facts.js'
import { isPreImage, isPreImages } from './facts-codec.js'
import { parseRunInfo, type RunInfo } from './run-info.js'
import type { InputInfo } from './run-info-types.js'

/** Facts of artifacts: created at the commit, and read back from run infos if a catalog lacks them. */

/** The facts that a commit adds to the catalog. The pre-images are computed once, for run info and catalog. */
export const factsOf = (
  info: RunInfo,
  { preImage, inMemory }: { readonly preImage?: PreImage | undefined; readonly inMemory?: InMemory | undefined },
): ArtifactFacts => {
  const { data } = info
  const reads = readsOf(info)
  const facts: { -readonly [Name in keyof ArtifactFacts]: ArtifactFacts[Name] } = {
    key: info.key,
    ended: info.ended,
    seconds: info.time,
    code: info.code_fingerprint,
    format: data?.format ?? null,
    extension: data?.extension ?? null,
    size: data?.size ?? null,
  }
  if (info.code_lineage !== undefined) facts.lineage = info.code_lineage
  if (data?.digest !== undefined) facts.digest = data.digest
  if (info.identity !== undefined) facts.identity = info.identity
  if (info.adopted !== undefined) facts.adopted = info.adopted
  if (reads !== undefined) facts.reads = reads
  if (preImage !== undefined) facts.preImage = preImage
  if (inMemory !== undefined) facts.inMemory = inMemory
  return facts
}

const readsOf = ({ input_tasks, also_read }: RunInfo): ArtifactFacts['reads'] => {
  let reads: Record<string, string> | undefined
  for (const input of Object.values(input_tasks)) {
    if (!isInput(input)) {
      for (const { key, digest } of Object.values(input)) if (digest !== undefined) (reads ??= {})[key] = digest
    } else if (input.digest !== undefined) (reads ??= {})[input.key] = input.digest
  }
  if (also_read !== undefined) for (const [key, { digest }] of Object.entries(also_read)) (reads ??= {})[key] = digest
  return reads
}

/** Tells one input from several by record key. */
export const isInput = (input: RunInfo['input_tasks'][string]): input is InputInfo => typeof input['key'] === 'string'

type InMemory = NonNullable<ArtifactFacts['inMemory']>

/** Facts from the text of a run info; undefined if it is invalid, or that of another key. */
export const factsOfRunInfo = (text: string, key: string): ArtifactFacts | undefined => {
  const parsed = parseRunInfo(text)
  if (E.isLeft(parsed) || (parsed.right.key !== key && parsed.right.key !== '')) return undefined
  const { key_pre_image: own, in_memory_inputs: others } = parsed.right
  const preImages = { preImage: isPreImage(own) ? own : undefined, inMemory: isPreImages(others) ? others : undefined }
  return { ...factsOf(parsed.right, preImages), key }
}
