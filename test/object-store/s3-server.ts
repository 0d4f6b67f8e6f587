// An S3 server for tests: the RADOS Gateway of Ceph, from Debian's packages, with its data in memory and ports of its own.
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const packages = ['radosgw', 'ceph-mon', 'ceph-osd']
const programs = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph', 'ceph-authtool', 'monmaptool', 'radosgw-admin']

const missing = (): readonly string[] =>
  programs.filter((name) => !(process.env['PATH'] ?? '').split(delimiter).some((one) => existsSync(join(one, name))))

/** Whether this machine has the server. */
export const canStartS3Server = (): boolean => missing().length === 0

/**
 * Whether this machine can have the server; installs it where that is allowed. A machine without it fails the tests
 * where REQUIRE_ALL is set, and is said otherwise.
 */
export const hasS3Server = (suite: string): boolean => {
  if (missing().length > 0 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get'))
    spawnSync(
      'sh',
      ['-c', `(apt-get update -qq && apt-get install -y -qq --no-install-recommends ${packages.join(' ')})`],
      {
        stdio: 'ignore',
        timeout: 300_000,
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      },
    )
  const lacking = missing()
  if (lacking.length === 0) return true
  const text = `${suite} needs ${lacking.join(', ')}: apt-get install --no-install-recommends ${packages.join(' ')}`
  if (process.env['REQUIRE_ALL'] === '1') throw new Error(text)
  console.warn(`left out: ${text}`)
  return false
}

export interface S3Server {
  readonly endpoint: string
  /** For the processes that use it: keys of the owner, and of somebody who has none of its own. */
  readonly environment: Readonly<Record<string, string>>
  readonly reader: Readonly<Record<string, string>>
  stop(): Promise<void>
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

/** Asks until the answer comes. */
const until = async (what: string, ask: () => Promise<unknown>): Promise<void> => {
  for (let tried = 0; ; tried++) {
    try {
      return void (await ask())
    } catch (error) {
      if (tried > 150) throw new Error(`${what} does not come up`, { cause: error })
      await pause(100)
    }
  }
}

const configOf = (folder: string, id: string, port: number): string => `[global]
fsid = ${id}
mon_host = [v2:127.0.0.1:${port}]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 17179869184
mon_data = ${folder}/mon
osd_data = ${folder}/osd
run_dir = ${folder}
admin_socket = ${folder}/$name.asok
log_file = ${folder}/$name.log
keyring = ${folder}/keyring
mon_data_avail_crit = 1
`

/** Starts a server; a dozen seconds. */
export const startS3Server = async (): Promise<S3Server> => {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'taskchain-s3-'))
  for (const name of ['mon', 'osd', 'rgw']) mkdirSync(join(folder, name))
  const [monitor, gateway, id] = [await freePort(), await freePort(), randomUUID()]
  const [config, keyring, map] = [join(folder, 'ceph.conf'), join(folder, 'keyring'), join(folder, 'monmap')]
  writeFileSync(config, configOf(folder, id, monitor))
  const children: ChildProcess[] = []
  const daemon = (program: string, words: readonly string[]): void => {
    const out = openSync(join(folder, `${program}.out`), 'w')
    children.push(spawn(program, ['-c', config, ...words], { stdio: ['ignore', out, out], cwd: folder }))
  }
  const call = (program: string, ...words: string[]) => run(program, words, { timeout: 20_000, cwd: folder })
  const key = (...words: string[]) => call('ceph-authtool', keyring, '--gen-key', ...words)
  const all = ['mon', 'osd', 'mgr'].flatMap((one) => ['--cap', one, 'allow *'])
  // rights are read from the keyring when the monitor is made
  await key('--create-keyring', '-n', 'mon.', '--cap', 'mon', 'allow *')
  await key('-n', 'client.admin', ...all)
  await key('-n', 'osd.0', '--cap', 'mon', 'allow profile osd', '--cap', 'osd', 'allow *')
  await call('monmaptool', '--create', '--clobber', '--fsid', id, '--addv', 'a', `[v2:127.0.0.1:${monitor}]`, map)
  await call('ceph-mon', '-c', config, '--mkfs', '-i', 'a', '--monmap', map, '--keyring', keyring)
  daemon('ceph-mon', ['-i', 'a', '-f'])
  const ceph = (...words: string[]) => call('ceph', '-c', config, '--connect-timeout', '5', ...words)
  await until('the monitor', () => ceph('quorum_status'))
  const osd = randomUUID()
  await ceph('osd', 'new', osd)
  await call('ceph-osd', '-c', config, '-i', '0', '--mkfs', '--osd-uuid', osd)
  daemon('ceph-osd', ['-i', '0', '-f'])
  daemon('radosgw', [
    '-f',
    '-n',
    'client.admin',
    `--rgw_data=${folder}/rgw`,
    `--rgw_frontends=beast endpoint=127.0.0.1:${gateway} tcp_nodelay=1`, // each answer takes 40 ms longer without
  ])
  const endpoint = `http://127.0.0.1:${gateway}`
  await until('the gateway', () => fetch(endpoint))
  const user = async (name: string): Promise<Readonly<Record<string, string>>> => {
    const keys = ['--access-key', `${name}key`, '--secret-key', `${name}secret`]
    await call('radosgw-admin', '-c', config, 'user', 'create', '--uid', name, '--display-name', name, ...keys)
    return {
      AWS_ACCESS_KEY_ID: `${name}key`,
      AWS_SECRET_ACCESS_KEY: `${name}secret`,
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    }
  }
  return {
    endpoint,
    environment: await user('owner'),
    reader: await user('reader'),
    stop: async () => {
      const ended = children.map((child) => new Promise((resolve) => void child.once('exit', resolve)))
      for (const child of children) child.kill('SIGKILL')
      await Promise.all(ended)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
