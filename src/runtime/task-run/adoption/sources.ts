import * as E from 'fp-ts/lib/Either.js'
import { formatOf } from '../../../declare/json/json.js'
import type { Task } from '../../../declare/task.js'
import { addressOf } from '../../../plan/names/artifact-address.js'
import { formerFolders } from '../../../plan/names/former-names.js'
import type { NodeOutline } from '../../../plan/plan-types.js'
import { codeState, isCodeOf } from '../../code-drift/code-state.js'
import type { Address, StoredArtifact } from '../../ports/artifact.js'
import type { ArtifactFacts, Blessing, PlacedFacts } from '../../ports/facts.js'
import { openArtifact } from '../../run-info/hit-or-miss.js'
import { parseRunInfo, type RunInfo } from '../../run-info/run-info.js'
import type { Session } from '../../session/session.js'

/** A whole artifact whose data another key may adopt. */
export interface Source {
  readonly address: Address
  readonly found: StoredArtifact
  readonly info: RunInfo
  /** Its data, with the recorded digest. */
  readonly data: NonNullable<RunInfo['data']> & { readonly digest: string }
  /** Set if other code has computed it, and it was accepted. */
  readonly blessing: Blessing | undefined
}

type Parts = Pick<Session, 'damaged' | 'index' | 'store'>

/** At most this many are opened for one key. */
const maxOpened = 5

interface Candidate extends PlacedFacts {
  readonly blessing: Blessing | undefined
}

/** Facts of artifacts that a node may adopt, the latest first; of those made by other code, only accepted ones. */
export const candidatesFor = async (
  { store, index }: Pick<Session, 'index' | 'store'>,
  node: NodeOutline,
  task: Task,
  identity: string,
  fresh = false,
): Promise<readonly Candidate[]> => {
  const own = new Set([addressOf(node).folder, ...formerFolders(index, node.task)])
  const placed = (await store.facts?.identified([identity], fresh, [...own]))?.get(identity) ?? []
  if (placed.length === 0) return []
  const isOne = ({ folder, facts }: PlacedFacts): boolean =>
    own.has(folder) &&
    facts.key !== node.key &&
    facts.digest !== undefined &&
    facts.format === formatOf(task.declaration.data).kind &&
    facts.extension === node.extension
  const fitting = placed.filter(isOne)
  const older = fitting.filter(({ facts }) => !isCodeOf(task, facts.code)).map(({ folder }) => folder)
  const blessings = older.length === 0 ? undefined : await store.facts?.blessings([...new Set(older)])
  return fitting
    .flatMap(({ folder, facts }) => {
      const blessing = blessings?.get(folder)?.find((one) => isAccepted(one, facts, task))
      return isCodeOf(task, facts.code) || blessing !== undefined ? [{ folder, facts, blessing }] : []
    })
    .toSorted((left, right) => (left.facts.ended < right.facts.ended ? 1 : -1))
}

/** Accepted for the code of the task itself; upstream code has determined the contents already. */
export const isAccepted = (
  { key, computedBy, acceptedFor }: Blessing,
  facts: Pick<ArtifactFacts, 'key' | 'code' | 'lineage'>,
  task: Task,
): boolean => key === facts.key && computedBy === codeState(facts) && isCodeOf(task, acceptedFor.split(' ')[0] ?? null)

/**
 * Artifacts of this identity that a node may adopt, whole by name and size. If one of them is damaged, all of its
 * digest are excluded: they may be the same file.
 */
export const sourcesFor = async (
  session: Parts,
  node: NodeOutline,
  task: Task,
  identity: string,
  fresh = false,
): Promise<readonly Source[]> => {
  const candidates = await candidatesFor(session, node, task, identity, fresh)
  const sources: Source[] = []
  const damaged = new Set<string>()
  for (const { folder, facts, blessing } of candidates.slice(0, maxOpened)) {
    const address = { ...addressOf(node), folder, key: facts.key }
    const found = await openArtifact(session.store, address)
    if ('_tag' in found) {
      const isForced = found.reason === 'stale' && found.detail?.startsWith('damaged') !== true
      if (!isForced && facts.digest !== undefined) damaged.add(facts.digest)
      continue
    }
    if (session.damaged.has(facts.key) && facts.digest !== undefined) damaged.add(facts.digest)
    const parsed = parseRunInfo(found.runInfo)
    if (E.isLeft(parsed) || parsed.right.identity !== identity || !hasViewsOf(parsed.right, task)) continue
    const { data, ...info } = parsed.right
    if (data?.digest !== undefined && data.digest === facts.digest)
      sources.push({ address, found, info: { ...info, data }, data: { ...data, digest: data.digest }, blessing })
  }
  return sources.filter(({ data }) => !damaged.has(data.digest))
}

/** Whether the views stored next to the data are those that the task's format stores. */
export const hasViewsOf = ({ data }: RunInfo, task: Task): boolean => {
  const { persistence } = formatOf(task.declaration.data)
  const views = 'views' in persistence ? persistence.views : undefined
  return data?.views === views
}
