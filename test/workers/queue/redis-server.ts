// A Redis of its own for a test file: on a free port, its data in a temporary folder.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const has = spawnSync('redis-server', ['--version']).status === 0
if (!has && process.env['REQUIRE_ALL'] === '1') throw new Error('redis-server is missing: apt-get install redis-server')

/** Whether the suite can run. */
export const hasRedis = has

export interface RedisServer {
  readonly url: string
  pid(): number
  /** Ends it as a crash does, and starts it anew on what it has written. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export const startRedis = async (...more: readonly string[]): Promise<RedisServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'taskchain-redis-'))
  const port = await freePort()
  const start = (): Promise<ChildProcess> =>
    new Promise((resolve, reject) => {
      const child = spawn('redis-server', [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--dir',
        folder,
        '--save',
        '',
        '--appendonly',
        'yes',
        '--appendfsync',
        'always',
        ...more,
      ])
      child.stdout.on('data', (said: Buffer) => {
        if (said.includes('Ready to accept connections')) resolve(child)
      })
      child.on('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
    })
  let server = await start()
  const kill = async (): Promise<void> => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGKILL')
    await ended
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: () => server.pid ?? 0,
    restart: async () => {
      await kill()
      server = await start()
    },
    stop: async () => {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
