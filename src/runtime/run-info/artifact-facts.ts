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
): ArtifactFacts => ({
  key: info.key,
  ended: info.ended,
  seconds: info.time,
  code: info.code_fingerprint,
  ...(info.code_lineage === undefined ? {} : { lineage: info.code_lineage }),
  format: info.data?.format ?? null,
  extension: info.data?.extension ?? null,
  size: info.data?.size ?? null,
  ...(info.data?.digest === undefined ? {} : { digest: info.data.digest }),
  ...(info.identity === undefined ? {} : { identity: info.identity }),
  ...(info.adopted === undefined ? {} : { adopted: info.adopted }),
  ...readsOf(info),
  ...(preImage === undefined ? {} : { preImage }),
  ...(inMemory === undefined ? {} : { inMemory }),
})

const readsOf = ({ input_tasks, also_read = {} }: RunInfo): Pick<ArtifactFacts, 'reads'> => {
  const reads: Record<string, string> = {}
  for (const input of Object.values(input_tasks))
    for (const { key, digest } of isInput(input) ? [input] : Object.values(input))
      if (digest !== undefined) reads[key] = digest
  for (const [key, { digest }] of Object.entries(also_read)) reads[key] = digest
  return Object.keys(reads).length === 0 ? {} : { reads }
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
