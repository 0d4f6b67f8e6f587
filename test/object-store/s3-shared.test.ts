// A bucket that several machines share: items behind their own stores, and runs that others follow, on a real server.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { historyOf } from '../../src/adapters/history/open-history.js'
import { objectStore } from '../../src/adapters/object-store/object-store.js'
import type { ServerEvent } from '../../src/ui/contract.js'
import { followRequests } from '../../src/ui/live/follow-requests.js'
import { liveEvents } from '../../src/ui/live/live-events.js'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, remove, start, write } from '../cli/fixture.js'
import { hasS3Server, startS3Server, type S3Server } from './s3-server.js'

const files = (calls: string, shared: string) => ({
  'taskchain.config.js': `import { defineProject } from 'taskchain'
import * as paid from './paid.js'
const at = ${JSON.stringify(shared)}
const { OWN } = process.env
const store = OWN === undefined ? at : [OWN, { at, mode: 'read-write' }]
export default defineProject({ pipelines: { paid }, store })
`,
  'paid.js': `import { appendFileSync, existsSync } from 'node:fs'
import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'
const until = async (path) => { while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 20)) }
export const answers = defineTask({ params: { many: t.number }, data: t.number }).run(async ({ many }, { mapItems }) =>
  (await mapItems(Array.from({ length: many }, (_, n) => n), (n) => {
    appendFileSync(${JSON.stringify(calls)}, n + '\\n')
    return n
  })).length)
export const held = defineTask({ data: t.number }).run(async () => (await until('go'), 1))
`,
  'configs/answers.yaml': 'tasks: [paid:answers]\nmany: 3\n',
  'configs/held.yaml': 'tasks: [paid:held]\n',
})

describe.skipIf(!hasS3Server('a bucket that machines share'))('a bucket that machines share', () => {
  let server: S3Server
  let client: S3Client
  let caches: string
  let folder: string
  beforeAll(async () => {
    builtOnce()
    caches = mkdtempSync(join(tmpdir(), 'taskchain-s3-shared-'))
    server = await startS3Server()
    Object.assign(process.env, server.environment)
    client = new S3Client({ endpoint: server.endpoint, forcePathStyle: true })
    await client.send(new CreateBucketCommand({ Bucket: 'team' }))
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(caches, { recursive: true, force: true })
  })
  beforeEach(() => {
    folder = emptyFolder(['taskchain', 'io-ts', 'fp-ts'])
  })
  afterEach(() => remove(folder))

  test('gives items to machines that lack them, and gets those that they compute', async () => {
    const calls = join(folder, 'calls')
    write(folder, files(calls, 's3://team/items'))
    const run = async (machine: string, many: number): Promise<readonly string[]> => {
      writeFileSync(calls, '')
      const environment = { ...server.environment, OWN: machine, TASKCHAIN_CACHE: join(caches, machine) }
      const words = [command, 'run', 'answers', '--set', `many=${many}`]
      expect(await start(process.execPath, words, folder, environment).ended).toMatchObject({ code: 0 })
      return readFileSync(calls, 'utf8').split('\n').filter(Boolean).toSorted()
    }
    expect(await run('one', 3)).toEqual(['0', '1', '2'])
    expect(await run('two', 5)).toEqual(['3', '4'])
    expect(await run('one', 6)).toEqual(['5'])
    expect(await run('three', 4)).toEqual([])
  })

  test('shows a run to others while it goes on, and keeps nothing of that', async () => {
    write(folder, files(join(folder, 'calls'), 's3://team/live'))
    const heard: ServerEvent[] = []
    const live = liveEvents(() => 1)
    live.watch(({ event }) => heard.push(event))
    const history = historyOf(objectStore('s3://team/live', { cache: join(caches, 'page') }))
    const follower = followRequests(
      async () => history,
      live,
      { followOf: () => undefined },
      (config) => config,
    )
    const has = async (kind: ServerEvent['kind']): Promise<void> => {
      while (!heard.some((event) => event.kind === kind)) await new Promise((resolve) => void setTimeout(resolve, 20))
    }
    const environment = { ...server.environment, TASKCHAIN_CACHE: join(caches, 'runner') }
    const child = start(process.execPath, [command, 'run', 'held'], folder, environment)
    try {
      await has('events')
      const events = heard.flatMap((event) => (event.kind === 'events' ? event.events : []))
      expect(events).toContainEqual(expect.objectContaining({ event: 'started', node: 'paid:held' }))
      expect(heard.some(({ kind }) => kind === 'ended')).toBe(false)
      writeFileSync(join(folder, 'go'), '')
      expect(await child.ended).toMatchObject({ code: 0 })
      await has('ended')
      expect(heard).toContainEqual(expect.objectContaining({ kind: 'ended', state: 'done' }))
      const left = await client.send(new ListObjectsV2Command({ Bucket: 'team', Prefix: 'live/r/events/' }))
      expect(left.KeyCount).toBe(0)
    } finally {
      follower.close()
      child.kill('SIGKILL')
    }
  })
})
