import * as E from 'fp-ts/lib/Either.js'
import { formatOf } from '../../../declare/json/json.js'
import type { Task } from '../../../declare/task.js'
import { addressOf } from '../../../plan/names/artifact-address.js'
import type { NodeOutline } from '../../../plan/plan-types.js'
import { codeState, taskFingerprint } from '../../code-drift/code-state.js'
import type { Address, StoredArtifact } from '../../ports/artifact.js'
import type { ArtifactFacts, Blessing, PlacedFacts } from '../../ports/facts.js'
import { openArtifact } from '../../run-info/hit-or-miss.js'
import { parseRunInfo, type RunInfo } from '../../run-info/run-info.js'
import type { Session } from '../../session/session.js'

/** A whole artifact whose data another key may take over. */
export interface Source {
  readonly address: Address
  readonly found: StoredArtifact
  readonly info: RunInfo
  /** Its data, with the digest that is recorded. */
  readonly data: NonNullable<RunInfo['data']> & { readonly digest: string }
  /** Where other code has made it, and it was accepted. */
  readonly blessing: Blessing | undefined
}

type Parts = Pick<Session, 'damaged' | 'store'>

/** So many are opened for one key. */
const mostOpened = 5

/** What facts say of artifacts that a node may take over, the latest first; of other code, only what was accepted. */
export const candidatesFor = async (
  { store }: Pick<Session, 'store'>,
  node: NodeOutline,
  task: Task,
  identity: string,
): Promise<readonly { readonly facts: ArtifactFacts; readonly blessing: Blessing | undefined }[]> => {
  const placed = (await store.facts?.identified([identity]))?.get(identity) ?? []
  const own = addressOf(node)
  const isOne = ({ folder, facts }: PlacedFacts): boolean =>
    folder === own.folder &&
    facts.key !== node.key &&
    facts.digest !== undefined &&
    facts.format === formatOf(task.declaration.data).kind &&
    facts.extension === node.extension
  const fitting = placed.filter(isOne).map(({ facts }) => facts)
  const code = taskFingerprint(task)
  const older = fitting.filter((facts) => facts.code !== code)
  const blessings = older.length === 0 ? [] : ((await store.facts?.blessings([own.folder]))?.get(own.folder) ?? [])
  return fitting
    .flatMap((facts) => {
      const blessing = blessings.find((one) => isAccepted(one, facts, code))
      return facts.code === code || blessing !== undefined ? [{ facts, blessing }] : []
    })
    .toSorted((left, right) => (left.facts.ended < right.facts.ended ? 1 : -1))
}

/** For the code of the task itself; the code above has told its contents. */
const isAccepted = ({ key, computedBy, acceptedFor }: Blessing, facts: ArtifactFacts, code: string | null): boolean =>
  key === facts.key && computedBy === codeState(facts) && acceptedFor.split(' ')[0] === code

/**
 * Artifacts of this identity that a node may take over, whole by name and size. Where one of them is damaged, neither
 * is any that has its digest: they may be one file.
 */
export const sourcesFor = async (
  session: Parts,
  node: NodeOutline,
  task: Task,
  identity: string,
): Promise<readonly Source[]> => {
  const candidates = await candidatesFor(session, node, task, identity)
  const sources: Source[] = []
  const damaged = new Set<string>()
  for (const { facts, blessing } of candidates.slice(0, mostOpened)) {
    const address = { ...addressOf(node), key: facts.key }
    const found = await openArtifact(session.store, address)
    if ('_tag' in found) {
      const isForced = found.reason === 'stale' && found.detail?.startsWith('damaged') !== true
      if (!isForced && facts.digest !== undefined) damaged.add(facts.digest)
      continue
    }
    if (session.damaged.has(facts.key) && facts.digest !== undefined) damaged.add(facts.digest)
    const parsed = parseRunInfo(found.runInfo)
    if (E.isLeft(parsed) || !isOf(parsed.right, task, identity)) continue
    const { data, ...info } = parsed.right
    if (data?.digest !== undefined && data.digest === facts.digest)
      sources.push({ address, found, info: { ...info, data }, data: { ...data, digest: data.digest }, blessing })
  }
  return sources.filter(({ data }) => !damaged.has(data.digest))
}

/** The catalog is not the truth. */
const isOf = ({ identity, data }: RunInfo, task: Task, wanted: string): boolean => {
  const { persistence } = formatOf(task.declaration.data)
  const views = 'views' in persistence ? persistence.views : undefined
  return identity === wanted && data?.views === views
}
