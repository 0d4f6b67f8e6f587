import { execFileSync } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import * as fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import threads from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { readTree } from '../../src/adapters/file-store/folder-tree.js'
import { writeBytes } from '../../src/adapters/file-store/staging/write-bytes.js'
import { builtOnce } from '../build-once.js'

const megabyte = 1024 * 1024
const { Worker } = threads

let root = ''
beforeEach(() => (root = fs.mkdtempSync(join(tmpdir(), 'taskchain-large-'))))
afterEach(() => {
  fs.rmSync(root, { recursive: true, force: true })
  useWorkers(Worker)
})

const useWorkers = (replacement: unknown): void => {
  threads.Worker = replacement as typeof Worker
  syncBuiltinESMExports()
}

const random = (length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  randomFillSync(bytes)
  return bytes
}
const measured = (bytes: Uint8Array) => ({
  size: bytes.length,
  checksum: crc32(bytes).toString(16).padStart(8, '0'),
  digest: createHash('sha256').update(bytes).digest('hex'),
})

/** Bytes in pieces whose memory is used again for the next. */
async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(length)
  for (let at = 0; at < bytes.length; at += length) {
    const part = bytes.subarray(at, at + length)
    piece.set(part)
    yield piece.subarray(0, part.length)
    piece.fill(0)
  }
}

describe('a large value', () => {
  it.each([
    ['below the size', 8 * megabyte - 1],
    ['of the size', 8 * megabyte],
    ['above it', 8 * megabyte + 1],
    ['that waits for the thread', 65 * megabyte + 3],
  ])('%s has the checksum and the digest of its bytes', async (_, length) => {
    const bytes = random(length)
    const parts = [bytes.subarray(0, 100), bytes.subarray(100, 5 * megabyte), bytes.subarray(5 * megabyte)]
    expect(await writeBytes(fs, join(root, 'whole'), bytes)).toEqual(measured(bytes))
    expect(await writeBytes(fs, join(root, 'parts'), parts)).toEqual(measured(bytes))
    for (const name of ['whole', 'parts']) expect(fs.readFileSync(join(root, name)).equals(bytes)).toBe(true)
  })

  it('comes as a stream that uses its memory again', async () => {
    const bytes = random(9 * megabyte + 1)
    for (const length of [1000, 700_000])
      for (const round of [1, 2])
        expect(await writeBytes(fs, join(root, `${length}-${round}`), pieces(bytes, length))).toEqual(measured(bytes))
  })

  it('is one of many that are written at once', async () => {
    const all = Array.from({ length: 12 }, (_, index) => random(8 * megabyte + index * 300_000))
    const saved = await Promise.all(
      all.map((bytes, index) =>
        writeBytes(fs, join(root, String(index)), index % 2 === 0 ? bytes : pieces(bytes, 600_000)),
      ),
    )
    expect(saved).toEqual(all.map(measured))
  })

  it('lies in a folder', async () => {
    const bytes = random(9 * megabyte)
    fs.writeFileSync(join(root, 'large.bin'), bytes)
    const line = `large.bin\0file\0${bytes.length}\0${measured(bytes).digest}\n`
    expect((await readTree(fs, root)).digest).toBe(createHash('sha256').update(line).digest('hex'))
  })

  it('whose stream breaks leaves nothing behind, and the next is written', async () => {
    const bytes = random(9 * megabyte)
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytes
      throw new Error('the source broke')
    }
    await expect(writeBytes(fs, join(root, 'broken'), broken())).rejects.toThrow('the source broke')
    expect(fs.readdirSync(root)).toEqual([])
    expect(await writeBytes(fs, join(root, 'whole'), bytes)).toEqual(measured(bytes))
  })

  it('on a disk that is full leaves nothing behind', async () => {
    const full = {
      ...fs,
      promises: {
        ...fs.promises,
        open: async (...args: Parameters<typeof fs.promises.open>) => {
          const handle = await fs.promises.open(...args)
          let written = 0
          handle.write = (async (_: Uint8Array, __: number, length: number) => {
            written += length
            if (written > 5 * megabyte) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
            return { bytesWritten: length }
          }) as never
          return handle
        },
      },
    } as typeof fs
    const bytes = random(70 * megabyte)
    await expect(writeBytes(full, join(root, 'full'), bytes)).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(fs.readdirSync(root)).toEqual([])
    expect(await writeBytes(fs, join(root, 'whole'), bytes)).toEqual(measured(bytes))
  })
})

describe('without its thread a large value', () => {
  /** Its own copy of the module: the thread belongs to the process. */
  const writeWith = async (workers: unknown): Promise<typeof writeBytes> => {
    useWorkers(workers)
    vi.resetModules()
    return (await import('../../src/adapters/file-store/staging/write-bytes.js')).writeBytes
  }

  it.each([
    [
      'that cannot be started',
      class {
        constructor() {
          throw Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' })
        }
      },
    ],
    [
      'that fails while it starts',
      class extends Worker {
        constructor(_: string, options: threads.WorkerOptions) {
          super('throw new Error("it broke")', options)
        }
      },
    ],
    [
      'that ends in the middle',
      class extends Worker {
        #posted = 0
        override postMessage(message: unknown): void {
          if (++this.#posted === 30) void this.terminate()
          super.postMessage(message)
        }
      },
    ],
    [
      'that ends before the last word',
      class extends Worker {
        override postMessage(message: { readonly isLast?: true }): void {
          if (message.isLast === true) void this.terminate()
          else super.postMessage(message)
        }
      },
    ],
  ])('%s is digested all the same', async (_, workers) => {
    const write = await writeWith(workers)
    const bytes = random(70 * megabyte)
    for (let round = 0; round < 5; round++)
      expect(await write(fs, join(root, String(round)), bytes)).toEqual(measured(bytes))
  })
})

describe('the thread', () => {
  beforeAll(builtOnce)

  const built = new URL('../../dist/adapters/file-store/file-store.js', import.meta.url).href
  const program = (length: number, more = ''): string => `
    import { fileStore } from ${JSON.stringify(built)}
    const store = fileStore(process.argv[1])
    const write = async (name, length) => {
      const staging = await store.stage({ folder: name, key: '0'.repeat(32), extension: 'bin' }, 'file')
      const saved = await staging.write(new Uint8Array(length))
      await staging.discard()
      return saved.digest
    }
    console.log(await write('first', ${length}))
    ${more}`
  const digest = (length: number): string => `${measured(new Uint8Array(length)).digest}\n`
  const run = (source: string, flags: readonly string[] = []): string =>
    execFileSync(process.execPath, [...flags, '--input-type=module', '-e', source, '--', join(root, 'value')], {
      encoding: 'utf8',
      timeout: 60_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })

  it.each([8 * megabyte, 70 * megabyte])('does not keep a process alive (%d bytes)', (length) => {
    expect(run(program(length))).toBe(digest(length))
  })

  it('is started where timers are numbers, as in a simulated browser', () => {
    const numbers = 'const start = setTimeout; globalThis.setTimeout = (...given) => Number(start(...given));'
    const started = "const { Worker } = (await import('node:worker_threads')).default"
    const told = "Worker.prototype.postMessage = function () { console.log('digested there'); process.exit() }"
    const out = run(`${numbers}\n${started}\n${told}\n${program(70 * megabyte)}`)
    expect(out).toBe('digested there\n')
  })

  it('ends with a process that exits while it is at work', () => {
    const length = 70 * megabyte
    const source = program(length, "void write('second', 200e6); setTimeout(() => process.exit(0), 20)")
    expect(run(source)).toBe(digest(length))
  })

  it('is not needed where threads are not permitted', () => {
    const isNamed = process.allowedNodeEnvironmentFlags.has('--permission')
    const flags = [isNamed ? '--permission' : '--experimental-permission', '--allow-fs-read=*', '--allow-fs-write=*']
    expect(run(program(70 * megabyte), flags)).toBe(digest(70 * megabyte))
  })

  it('serves a thread of the user as well', () => {
    const file = join(root, 'program.mjs')
    fs.writeFileSync(file, program(70 * megabyte).replace('process.argv[1]', JSON.stringify(join(root, 'value'))))
    const inThread = `import { Worker } from 'node:worker_threads'; new Worker(${JSON.stringify(file)}, { execArgv: [] })`
    expect(run(inThread)).toBe(digest(70 * megabyte))
  })
})
