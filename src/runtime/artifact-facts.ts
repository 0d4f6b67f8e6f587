import * as E from 'fp-ts/lib/Either.js'
import type { Encoded } from '../declare/types.js'
import { preImageOfNode, type PreImage } from '../plan/key.js'
import { boundIds, nodesById } from '../plan/graph.js'
import { fromTagged, toTagged } from '../plan/json.js'
import type { Plan, PlanNode } from '../plan/types.js'
import type { ArtifactFacts } from './ports.js'
import { parseRunInfo, type RunInfo } from './run-info.js'

/** Facts of artifacts: made at the commit, kept as lines of JSON, and read back from run infos where a line is missing. */

/** What a commit tells the index. `preImage` is the node's own, made once for run info and index. */
export const factsOf = (info: RunInfo): ArtifactFacts => ({
  key: info.key,
  ended: info.ended,
  seconds: info.time,
  code: info.code_fingerprint,
  ...(info.code_lineage === undefined ? {} : { lineage: info.code_lineage }),
  format: info.data?.format ?? null,
  extension: info.data?.extension ?? null,
  size: info.data?.size ?? null,
  ...(isPreImage(info.key_pre_image) ? { preImage: info.key_pre_image } : {}),
  ...(isPreImages(info.in_memory_inputs) ? { inMemory: info.in_memory_inputs } : {}),
})

/** Facts from the text of a run info; undefined where it is none, or one of another key. */
export const factsOfRunInfo = (text: string, key: string): ArtifactFacts | undefined => {
  const parsed = parseRunInfo(text)
  return E.isRight(parsed) && (parsed.right.key === key || parsed.right.key === '') ? { ...factsOf(parsed.right), key } : undefined
}

/** So many inputs in memory are remembered with an artifact; chains of nothing else would repeat themselves in every record. */
const mostInMemory = 20

/** Pre-images of a node's inputs that are kept in memory, and of what these read; undefined where there are none or too many. */
export const inMemoryInputsOf = (plan: Plan, node: PlanNode): { readonly [key: string]: PreImage } | undefined => {
  const nodes = nodesById(plan)
  const found: Record<string, PreImage> = {}
  let count = 0
  const waiting = [node]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const role of Object.keys(next.inputs)) {
      for (const id of boundIds(next.inputs[role] ?? null)) {
        const input = nodes.get(id)
        if (input === undefined || input.storage !== 'memory' || Object.hasOwn(found, input.key)) continue
        if (++count > mostInMemory) return undefined
        found[input.key] = preImageOfNode(plan, input)
        waiting.push(input)
      }
    }
  }
  return count === 0 ? undefined : found
}

/** Longer lines are written without what makes them long. */
const longestLine = 32_768

/** Facts as one line of JSON, the key first, without its line end. */
export const factLine = (facts: ArtifactFacts): string => {
  const { preImage, inMemory, accepted: _, ...rest } = facts
  if (preImage === undefined) return JSON.stringify(rest)
  const line = JSON.stringify({
    ...rest,
    preImage: taggedPreImage(preImage),
    ...(inMemory === undefined ? {} : { inMemory: Object.fromEntries(Object.entries(inMemory).map(([key, one]) => [key, taggedPreImage(one)])) }),
  })
  return line.length > longestLine ? JSON.stringify(rest) : line
}

const taggedPreImage = (preImage: PreImage): object => ({ ...preImage, params: toTagged(preImage.params) })

/** Facts from a line; undefined for one that was torn, or written by somebody else. */
export const parseFactLine = (line: string): ArtifactFacts | undefined => {
  try {
    const read = JSON.parse(line) as Partial<Record<keyof ArtifactFacts, unknown>>
    const { key, ended, seconds, code, lineage, format, extension, size, preImage, inMemory } = read
    if (typeof key !== 'string' || typeof ended !== 'string' || typeof seconds !== 'number') return undefined
    const image = preImage === undefined ? undefined : untagged(preImage)
    const memory = isRecord(inMemory) ? Object.entries(inMemory).map(([name, one]) => [name, untagged(one)] as const) : undefined
    return {
      key,
      ended,
      seconds,
      code: textOrNull(code),
      ...(typeof lineage === 'string' ? { lineage } : {}),
      format: textOrNull(format),
      extension: textOrNull(extension),
      size: typeof size === 'number' ? size : null,
      ...(image === undefined ? {} : { preImage: image }),
      ...(memory === undefined || memory.some(([, one]) => one === undefined) ? {} : { inMemory: Object.fromEntries(memory) as { readonly [key: string]: PreImage } }),
    }
  } catch {
    return undefined
  }
}

const untagged = (value: unknown): PreImage | undefined => {
  if (!isPreImage(value)) return undefined
  const params = fromTagged(value.params)
  return isRecord(params) ? ({ ...value, params } as PreImage) : undefined
}

/** What a run info or a line says was written by us, or by the original, or by anyone. */
const isPreImage = (value: unknown): value is PreImage => {
  if (!isRecord(value) || typeof value['scheme'] !== 'number' || typeof value['task'] !== 'string' || !isRecord(value['params']) || !isRecord(value['inputs'])) return false
  return Object.values(value['inputs']).every((input) => isInputInKey(input) || (isRecord(input) && Object.values(input).every(isInputInKey)))
}

const isPreImages = (value: unknown): value is { readonly [key: string]: PreImage } => isRecord(value) && Object.values(value).every(isPreImage)
const isInputInKey = (value: unknown): boolean => isRecord(value) && typeof value['task'] === 'string' && typeof value['key'] === 'string'
const isRecord = (value: unknown): value is { readonly [name: string]: Encoded } => typeof value === 'object' && value !== null && !Array.isArray(value)
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)
