// The store of objects on a real S3 server, and what goes wrong between the two.
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, ListObjectsV2Command, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { objectStore, type ObjectStoreOptions } from '../../src/adapters/object-store/object-store.js'
import type { ObjectStore } from '../../src/adapters/object-store/store-of-objects.js'
import { openArtifact } from '../../src/runtime/run-info/hit-or-miss.js'
import { listFolder } from '../../src/runtime/run-info/one-folder.js'
import { get, put, putFolder, runInfoFor } from '../adapters/artifacts.js'
import { builtOnce } from '../build-once.js'
import {
  command,
  emptyFolder,
  inProcess,
  projectFiles,
  remove,
  root,
  start,
  taskchain,
  write,
  type Outcome,
} from '../cli/fixture.js'
import { factsContract, storeContract, upkeepContract } from '../store.contract.js'
import { hasRedis } from '../workers/queue/redis-server.js'
import { faultyProxy, type Fault, type FaultyProxy } from './faulty-proxy.js'
import { hasS3Server, startS3Server, type S3Server } from './s3-server.js'

/** A task that writes down what it is asked for, before it answers. */
const paidFiles = (calls: string) => ({
  'taskchain.config.js': `import { defineProject } from 'taskchain'
import * as paid from './paid.js'
export default defineProject({ pipelines: { paid } })
`,
  'paid.js': `import { appendFileSync } from 'node:fs'
import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'
export const answers = defineTask({ params: { salt: param(t.number, { default: 0 }) }, data: t.number })
  .run(async ({ salt }, { mapItems }) => {
    const many = await mapItems(Array.from({ length: 60 }, (_, n) => n), (n, { usage }) => {
      appendFileSync(${JSON.stringify(calls)}, n + '\\n')
      usage({ cost: 0.1 })
      return n
    }, { concurrency: 8 })
    return many.length + salt
  })
`,
  'configs/paid.yaml': 'tasks: [paid:*]\n',
})

const has = hasS3Server('the store in S3')

describe.skipIf(!has)('in S3', () => {
  let server: S3Server
  let client: S3Client
  let caches: string
  let count = 0
  beforeAll(async () => {
    caches = mkdtempSync(join(tmpdir(), 'taskchain-s3-'))
    server = await startS3Server()
    Object.assign(process.env, server.environment, { TASKCHAIN_CACHE: join(caches, 'default') })
    client = new S3Client({ endpoint: server.endpoint, forcePathStyle: true })
    await client.send(new CreateBucketCommand({ Bucket: 'tasks' }))
    const Resource = ['arn:aws:s3:::tasks', 'arn:aws:s3:::tasks/*']
    const Action = ['s3:ListBucket', 's3:GetObject']
    const Principal = { AWS: ['arn:aws:iam:::user/reader'] }
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal, Action, Resource }],
    })
    await client.send(new PutBucketPolicyCommand({ Bucket: 'tasks', Policy }))
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(caches, { recursive: true, force: true })
  })
  /** A place of its own in the bucket. */
  const place = (): string => `s3://tasks/place/${count++}`
  const open = (address: string, options: ObjectStoreOptions = {}): ObjectStore =>
    objectStore(address, { cache: join(caches, String(count++)), ...options })

  const make = () => ({ store: open(place()), dispose: () => undefined, heals: true })
  storeContract('a store in S3', make)
  factsContract('a store in S3', make)
  upkeepContract('a store in S3', make)

  const at = (letter: string, extension: string | null = 'json') => ({
    folder: 'movies/all',
    key: letter.repeat(32),
    extension,
  })

  test('what is large goes up in parts and comes back in bounded memory', async () => {
    const address = place()
    const digest = createHash('sha256')
    const block = Buffer.alloc(1_000_003, 'abcdefg')
    async function* stream(): AsyncGenerator<Uint8Array> {
      for (let n = 0; n < 60; n++) {
        block.writeUInt32LE(n)
        digest.update(block)
        yield block
      }
    }
    const staging = await open(address).stage(at('a', 'bin'), 'file')
    const saved = await staging.write(stream())
    await staging.commit(runInfoFor(at('a', 'bin'), saved))
    const found = await openArtifact(open(address), at('a', 'bin'))
    if ('reason' in found) throw new Error(found.reason)
    const back = createHash('sha256')
    for await (const part of found.source?.stream() ?? []) back.update(part)
    expect(back.digest('hex')).toBe(digest.digest('hex'))
  })

  test('of many who take one key at once, one commits first and all agree', async () => {
    const address = place()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, async (_, n) => put(open(address), at('a'), `${n}`)),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1)
    expect(await get(open(address), at('a'))).toBe(`${outcomes.findIndex(({ status }) => status === 'fulfilled')}`)
  })

  describe('through a network that fails', () => {
    let proxy: FaultyProxy | undefined
    afterEach(() => {
      delete process.env['AWS_MAX_ATTEMPTS']
      return proxy?.stop()
    })
    const through = async (
      faultOf: (n: number, method: string, path: string) => Fault,
    ): Promise<(a: string) => ObjectStore> => {
      proxy = await faultyProxy(server.endpoint, faultOf)
      const { endpoint } = proxy
      return (address) => open(`${address}?endpoint=${endpoint}`)
    }
    const pass: Fault = { _tag: 'pass' }
    const faults: Readonly<Record<string, Fault>> = {
      'answers 503': { _tag: 'answer', status: 503, code: 'SlowDown' },
      'answers 500': { _tag: 'answer', status: 500, code: 'InternalError' },
      'cuts connections': { _tag: 'reset', after: 'nothing' },
      'cuts answers off in the middle': { _tag: 'reset', after: 'half' },
      'does what is asked, and loses the answer': { _tag: 'reset', after: 'request' },
      'is slow': { _tag: 'trickle' },
    }
    const large = 'x'.repeat(300_000)

    test.each(Object.keys(faults))('that %s, all is written and read as it should be', async (name) => {
      const address = place()
      const opened = await through((n) => (n % 3 === 0 ? (faults[name] ?? pass) : pass))
      const store = opened(address)
      for (const letter of ['a', 'b', 'c']) {
        const lease = await store.lease(at(letter), { signal: new AbortController().signal, waiting: () => undefined })
        await put(store, at(letter), letter + large)
        await lease.release()
      }
      await putFolder(store, at('d', null), { one: large, two: large })
      const other = opened(address)
      expect((await listFolder(other, 'movies/all')).size).toBe(4)
      for (const letter of ['a', 'b', 'c']) expect(await get(other, at(letter))).toBe(letter + large)
      expect(await get(other, at('d', null))).toMatch(/^folder: /)
      expect(proxy?.counts.faults).toBeGreaterThan(5)
    })

    test('a large file is there whose last answer was lost, and whose upload is not known any more', async () => {
      const address = place()
      let ends = 0
      const opened = await through((_, method, path) => {
        if (method !== 'POST' || !path.includes('uploadId=')) return pass
        return ends++ === 0
          ? { _tag: 'reset', after: 'request' }
          : { _tag: 'answer', status: 404, code: 'NoSuchUpload' }
      })
      const content = 'y'.repeat(17 * 1024 * 1024)
      await put(opened(address), at('a'), content)
      expect(ends).toBe(2)
      expect(await get(open(address), at('a'))).toBe(content)
    })

    test('a page that answers in place of the service has put nothing', async () => {
      const address = place()
      await put(open(address), at('a'), 'before')
      const opened = await through((_, method) => (method === 'PUT' ? { _tag: 'page' } : pass))
      await expect(put(opened(address), at('b'), 'after')).rejects.toMatchObject({
        name: 'ObjectStoreFailed',
        message: 'what answers at the endpoint does not know S3',
      })
    })

    const lasting: Readonly<Record<string, readonly [number, string, string]>> = {
      'the credentials have expired': [400, 'ExpiredToken', 'expired'],
      'the clock is off': [403, 'RequestTimeTooSkewed', 'clock'],
      'nothing but 503 comes': [503, 'SlowDown', 'slow down'],
    }
    test.each(Object.keys(lasting))('where %s, that is said', async (name) => {
      const [status, code, words] = lasting[name] ?? [0, '', '']
      const opened = await through(() => ({ _tag: 'answer', status, code }))
      process.env['AWS_MAX_ATTEMPTS'] = '2'
      await expect(listFolder(opened(place()), 'movies/all')).rejects.toMatchObject({
        name: 'ObjectStoreFailed',
        message: expect.stringContaining(words),
      })
    })
  })

  describe('from the command line', () => {
    beforeAll(builtOnce)
    let folder: string
    beforeEach(() => {
      folder = emptyFolder(['taskchain', 'io-ts', 'fp-ts'])
      write(folder, projectFiles)
    })
    afterEach(() => remove(folder))
    /** In this process, which takes a tenth of the time. */
    const call = async (
      words: readonly string[],
      environment: Readonly<Record<string, string>> = {},
    ): Promise<Outcome> => {
      Object.assign(process.env, { TASKCHAIN_CACHE: join(folder, 'cache') }, environment)
      try {
        return await inProcess(folder, words)
      } finally {
        Object.assign(process.env, server.environment)
      }
    }

    test('a chain runs in a bucket, and whoever comes after computes nothing', async () => {
      const store = place()
      expect(await call(['run', 'films', '--store', store])).toMatchObject({ code: 0 })
      const cache = { TASKCHAIN_CACHE: join(folder, 'other') }
      expect(await call(['run', 'films', '--store', store], cache)).toMatchObject({
        code: 0,
        out: expect.stringContaining('0 computed, 0 loaded, 4 cached'),
      })
      expect(await call(['verify', '--store', store], cache)).toMatchObject({ code: 0 })
      const gc = await call(['gc', '--store', store, '--yes', '--json', '--context', 'contexts/few.yaml'])
      expect(JSON.parse(gc.out)).toMatchObject({ reachable: { count: 4 }, unreachable: [] })
    })

    test('runs leave their records in the bucket, and gc keeps what pinned ones reached', async () => {
      const store = place()
      const asked = async (...words: string[]) =>
        JSON.parse((await call([...words, '--store', store, '--json'])).out) as Record<string, any>
      await call(['run', 'films', '--store', store, '--set', 'how_many=7'])
      await call(['run', 'films', '--store', store])
      await call(['sweep', 'films', '--store', store, '--set', 'how_many=7,8'])
      const { runs, count } = await asked('runs')
      expect([count, runs]).toMatchObject([
        3,
        [
          { command: 'sweep', state: 'done' },
          { command: 'run', set: [], state: 'done', counts: { computed: 5 } },
          { command: 'run', set: ['how_many=7'], state: 'done', counts: { computed: 5 } },
        ],
      ])
      const diff = await asked('runs', 'diff', 'last~2', 'last~1')
      expect(diff['params']).toMatchObject([{ name: 'howMany', before: 7, after: 12 }])
      const metrics = await asked('runs', 'metrics', 'films', 'films')
      expect(metrics['runs'].map(({ values }: { values: object }) => Object.values(values))).toEqual([[5], [10]])
      await call(['runs', 'pin', runs[2].id, '--store', store])
      const gone = await asked('gc', '--yes')
      expect(gone['unreachable'].length).toBeGreaterThan(0)
      expect(await call(['run', 'films', '--store', store, '--set', 'how_many=7'])).toMatchObject({
        out: expect.stringContaining('0 computed'),
      })
      expect(await asked('runs', 'prune', '--keep', '1', '--yes')).toMatchObject({ runs: { length: 2 }, left: 2 })
      expect(await asked('runs')).toMatchObject({ count: 2, unreadable: [] })
    })

    test('workers open it themselves', async () => {
      const store = place()
      const words = ['run', 'films', '--store', store]
      const environment = { ...server.environment, TASKCHAIN_CACHE: join(folder, 'cache') }
      const { code, out } = await taskchain(folder, [...words, '--executor', 'workers'], environment)
      expect([code, out]).toEqual([0, expect.stringContaining('0 failed')])
      expect(await call(words)).toMatchObject({ out: expect.stringContaining('0 computed, 0 loaded, 4 cached') })
    })

    test.skipIf(!hasRedis)(
      'the example: a sweep over two workers, a queue and this bucket, all of it started and stopped by one script',
      async () => {
        const words = ['--import', 'tsx', 'examples/fleet/main.ts', '--store', place(), '--set', 'model.kwargs.l2=1,10']
        const example = start(process.execPath, words, root, server.environment)
        const { code, out } = await example.ended
        const page = readFileSync(join(root, 'docs/example-fleet.md'), 'utf8')
        const figures = [...out.matchAll(/527 +[\d.]+ +[\d.]+/g)].map(String)
        expect([code, figures.length, figures.filter((row) => !page.includes(row))]).toEqual([0, 4, []])
        expect(out).toContain('23 computed')
        expect(out).toContain('0 computed, 2 loaded, 21 cached')
        const [, one, two] = /computed by one: (\d+), two: (\d+)/.exec(out) ?? []
        expect(Number(one) + Number(two)).toBe(23)
      },
    )

    test('results go there and come back; a push that was killed goes on', async () => {
      const store = place()
      await call(['sweep', 'films', '--range', 'how_many=1..8'])
      const child = start(process.execPath, [command, 'push', store, '--concurrency', '1'], folder, server.environment)
      const prefix = `${store.slice('s3://tasks/'.length)}/m/`
      const arrived = async (): Promise<number> =>
        (await client.send(new ListObjectsV2Command({ Bucket: 'tasks', Prefix: prefix }))).Contents?.length ?? 0
      while ((await arrived()) < 5) await new Promise((resolve) => void setImmediate(resolve))
      child.kill('SIGKILL')
      await child.ended
      const push = () => taskchain(folder, ['push', store, '--json'], server.environment)
      const both = await Promise.all([push(), push()])
      expect(both.map(({ code }) => code)).toEqual([0, 0])
      const copied = both.flatMap(({ out }) =>
        (JSON.parse(out) as { artifacts: { key: string; task: string; outcome: string }[] }).artifacts
          .filter(({ outcome }) => outcome === 'copied')
          .map(({ task, key }) => `${task} ${key}`),
      )
      expect(new Set(copied).size).toBe(copied.length)
      rmSync(join(folder, 'data'), { recursive: true })
      expect(await call(['pull', store])).toMatchObject({ code: 0 })
      expect(await call(['sweep', 'films', '--range', 'how_many=1..8'])).toMatchObject({
        out: expect.not.stringContaining('computed films'),
      })
      expect(await call(['pull', store])).toMatchObject({ out: expect.stringContaining('nothing pulled') })
    })

    test('a run that was killed leaves its keys to the next one', async () => {
      const store = place()
      const child = start(process.execPath, [command, 'run', 'slow', '--store', store], folder, server.environment)
      await child.says('started trouble:slow')
      child.kill('SIGKILL')
      await child.ended
      const next = start(process.execPath, [command, 'run', 'slow', '--store', store], folder, server.environment)
      await next.says('started trouble:slow')
      next.kill('SIGKILL')
      await next.ended
    })

    test('items are paid for once, whichever machine asks for them, and whoever is killed', async () => {
      const store = place()
      const calls = join(folder, 'calls')
      write(folder, paidFiles(calls))
      const asked = (): readonly string[] => readFileSync(calls, 'utf8').trim().split('\n')
      const started = (salt: number) => {
        const words = [command, 'run', 'paid', '--store', store, '--set', `salt=${salt}`]
        return start(process.execPath, words, folder, {
          ...server.environment,
          TASKCHAIN_CACHE: join(folder, `machine-${salt}`),
        })
      }
      const [one, other] = [started(1), started(2)]
      await Promise.all([one, other].map((process) => process.says('started paid:answers')))
      while (!existsSync(calls) || asked().length < 30) await new Promise((resolve) => void setImmediate(resolve))
      one.kill('SIGKILL')
      await one.ended
      expect(await other.ended).toMatchObject({ code: 0 })
      expect(await started(1).ended).toMatchObject({ code: 0 })
      expect(new Set(asked()).size).toBe(60)
      expect(asked().length).toBeLessThanOrEqual(60 + 8) // what was under way at the kill
      const before = asked().length
      expect(await call(['run', 'paid', '--store', store, '--set', 'salt=3'])).toMatchObject({ code: 0 })
      expect(asked()).toHaveLength(before)
      expect(await call(['items', '--store', store])).toMatchObject({
        out: expect.stringMatching(/paid:answers: 60 kept, .*cost 6/),
      })
      expect((await call(['verify', '--store', store])).out).toContain('60 items read')
      // what was under way at the kill may have two results
      expect((await call(['pull', store])).out).toMatch(/items: 6\d of paid:answers/)
      expect(await call(['run', 'paid', '--set', 'salt=4'])).toMatchObject({ code: 0 })
      expect(asked()).toHaveLength(before)
      const third = place()
      expect((await call(['push', third])).out).toMatch(/items: 6\d of paid:answers/)
      expect((await call(['gc', '--store', third, '--yes', '--items', '--ignore-broken'])).code).toBe(0)
      expect((await call(['why', 'paid', 'answers', '--store', third])).out).toContain('items: 60 kept')
    })

    test('who may only read pulls, and is told so before anything is computed', async () => {
      const store = place()
      await call(['run', 'films'])
      await call(['push', store])
      rmSync(join(folder, 'data'), { recursive: true })
      expect(await call(['pull', store], server.reader)).toMatchObject({ code: 0 })
      expect(await call(['run', 'films', '--store', store], server.reader)).toMatchObject({ code: 0 })
      const refused = await call(['run', 'films', '--store', store, '--set', 'how_many=3'], server.reader)
      expect(refused.err).toContain('access is denied')
      expect([refused.code, refused.out.includes('computed films')]).toEqual([1, false])
      expect((await call(['push', place()], server.reader)).err).toContain('access is denied')
    })

    test('what is wrong with bucket, keys, region and address is said, with what to do', async () => {
      const wrong: readonly (readonly [string, Readonly<Record<string, string>>, string, number])[] = [
        ['s3://nowhere/a', {}, "there is no bucket 'nowhere'", 1],
        ['s3://tasks/a', { AWS_SECRET_ACCESS_KEY: 'wrong' }, 'the secret key is wrong', 1],
        ['s3://tasks/a', { AWS_ACCESS_KEY_ID: 'nobody' }, 'the access key is not known there', 1],
        ['s3://tasks/a', { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' }, 'nobody answers at the endpoint', 1],
        ['s3://T/a', {}, 'say s3://bucket/prefix', 3],
      ]
      await inProcess(folder, ['run', 'films'])
      for (const [store, environment, words, code] of wrong) {
        const outcome = await call(['push', 'films', store], environment)
        expect(outcome.err).toContain(words)
        expect(outcome.err).not.toMatch(/internal error|ownersecret|wrong'/)
        expect(outcome.code).toBe(code)
      }
      const outcome = await call(['run', 'films', '--store', 's3://nowhere/a'])
      expect(outcome).toMatchObject({ code: 1, err: expect.stringContaining("there is no bucket 'nowhere'") })
      expect(outcome.out).not.toContain('computed films')
    })
  })
})
