import { factsInFolder } from '../dist/runtime/run-info/one-folder.js'
import { openArtifact } from '../dist/runtime/run-info/hit-or-miss.js'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStore } from '../dist/adapters/file-store/file-store.js'
import { factsOf } from '../dist/runtime/run-info/artifact-facts.js'
import { emitRunInfo, type RunInfo } from '../dist/runtime/run-info/run-info.js'

/**
 * What the store adds to the disk: commits and loads of small artifacts against a raw loop over the same files, in the
 * same run.
 */

const count = Number(process.argv[2] ?? 5000)
const rounds = 3
const keys = Array.from({ length: count }, (_, at) => at.toString(16).padStart(32, '0'))
const data = Buffer.from(JSON.stringify({ rows: Array.from({ length: 20 }, (_, at) => ({ at, name: `row ${at}` })) }))
const folder = 'bench/artifacts'

const runInfo = (key: string, size: number, checksum: string): RunInfo => ({
  schema: 1,
  task: { name: folder, module: null },
  config: { name: 'bench', namespace: null, context: null },
  input_tasks: { rows: { task: 'bench:rows', key: keys[0] as string } },
  parameters: { from: 1990, to: 2005, name: 'bench' },
  log: [],
  started: '2026-11-22 11:34:01.520',
  ended: '2026-11-22 11:34:01.521',
  time: 0.001,
  user: { name: 'bench' },
  host: 'bench',
  key,
  key_pre_image: {
    scheme: 1,
    task: 'bench:artifacts',
    params: { from: 1990, to: 2005, name: 'bench' },
    inputs: { rows: { task: 'bench:rows', key: keys[0] as string } },
  },
  versions: { taskchain: '0.1.0', node: process.version },
  code_fingerprint: '0123456789abcdef',
  data: { format: 'json', extension: 'json', size, checksum },
  peak_memory: 100_000_000,
  attempts: 1,
})

/** Milliseconds of processor time, user and system: wall-clock time means little on a shared machine. */
const timed = async (work: () => unknown): Promise<number> => {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

const raw = (root: string) => (): void => {
  mkdirSync(join(root, folder), { recursive: true })
  for (const key of keys) {
    const path = join(root, folder, key)
    const text = emitRunInfo(runInfo(key, data.length, '01234567'))
    for (const [ending, content] of [
      ['run_info.yaml', text],
      ['json', data],
    ] as const) {
      writeFileSync(`${path}.${ending}.tmp`, content, { flag: 'wx' })
      renameSync(`${path}.${ending}.tmp`, `${path}.${ending}`)
    }
  }
}

const committed = (root: string, leased: boolean, indexed: boolean) => async (): Promise<void> => {
  const store = fileStore(root, { durability: 'none' })
  const { signal } = new AbortController()
  for (const key of keys) {
    const address = { folder, key, extension: 'json' }
    const lease = leased ? await store.lease(address, { signal, waiting: () => undefined }) : undefined
    const staging = await store.stage(address, 'file')
    const { size, checksum } = await staging.write(data)
    const info = runInfo(key, size, checksum)
    await staging.commit(emitRunInfo(info), indexed ? factsOf(info, {}) : undefined)
    await lease?.release()
  }
  await store.flush()
}

const loaded = (root: string) => async (): Promise<void> => {
  const store = fileStore(root)
  for (const key of keys) {
    const found = await openArtifact(store, { folder, key, extension: 'json' })
    if (!('path' in found)) throw new Error(`${key}: ${found.reason}`)
    await found.source?.bytes()
  }
}

const rawLoaded = (root: string) => (): void => {
  for (const key of keys) {
    const path = join(root, folder, key)
    statSync(`${path}.json`)
    readFileSync(`${path}.run_info.yaml`, 'utf8')
    readFileSync(`${path}.json`)
  }
}

const results: Record<string, number[]> = {}
const note = (name: string, milliseconds: number): void =>
  void (results[name] ??= []).push((milliseconds / count) * 1000)

for (let round = 0; round < rounds; round++) {
  const root = mkdtempSync(join(tmpdir(), 'taskchain-bench-'))
  const [a, b, c, e] = [join(root, 'a'), join(root, 'b'), join(root, 'c'), join(root, 'e')]
  note('raw: write + rename', await timed(raw(a)))
  note('store: commit', await timed(committed(b, false, false)))
  note('store: commit + index', await timed(committed(e, false, true)))
  note('store: lease + commit + index', await timed(committed(c, true, true)))
  note('raw: stat + read', await timed(rawLoaded(b)))
  note('store: open + bytes', await timed(loaded(b)))
  note('store: list', await timed(() => fileStore(b).list([folder])))
  note('store: facts of all', await timed(() => fileStore(e).facts.read(new Map([[folder, undefined]]))))
  note(
    'store: facts of one',
    await timed(() => factsInFolder(fileStore(e).facts, folder, new Set([keys[count >> 1] as string]))),
  )
  if (round === 0) {
    const store = fileStore(join(root, 'd'))
    for (const key of keys.slice(0, 1000)) {
      const staging = await store.stage({ folder, key, extension: 'json' }, 'file')
      const { size, checksum } = await staging.write(data)
      await staging.commit(emitRunInfo(runInfo(key, size, checksum)))
    }
    const start = performance.now()
    await store.flush()
    note('store: flush, on the wall', (performance.now() - start) * (count / 1000))
  }
  rmSync(root, { recursive: true, force: true })
}
const text: number[] = []
for (let round = 0; round < rounds; round++)
  text.push(((await timed(() => keys.map((key) => emitRunInfo(runInfo(key, 1, '01234567'))))) / count) * 1000)
results['emit run info'] = text

const best = (name: string): number => Math.min(...(results[name] as number[]))
console.log(`${count} artifacts of ${data.length} bytes, microseconds of processor time an artifact, best of ${rounds}`)
for (const name of Object.keys(results)) console.log(`${name.padEnd(32)} ${best(name).toFixed(1).padStart(8)}`)
console.log(
  `commit + index / commit ${(best('store: commit + index') / best('store: commit')).toFixed(3)}   commit / raw ${(best('store: commit') / best('raw: write + rename')).toFixed(2)}   load / raw ${(best('store: open + bytes') / best('raw: stat + read')).toFixed(2)}`,
)
