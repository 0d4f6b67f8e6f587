import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import nd from 'ndarray'
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest'
import { refuseEndless } from '../../src/data/hdf5/hdf5-probe.js'
import { hdf5, type Hdf5Dtype, type Hdf5File, type Hdf5Tools } from '../../src/data/index.js'
import { makeFormat, type FolderPersistence } from '../../src/declare/format.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { openChain } from '../../src/open-chain.js'
import { builtOnce } from '../build-once.js'
import { freshFolder, problemIn, removeFolders } from './artifact.js'
import { hasPython, needs, python } from './python.js'
import { without } from './without-packages.js'

afterAll(removeFolders)

const persistence = hdf5().persistence as FolderPersistence
const toolsIn = (directory: string, resumed = false): Hdf5Tools =>
  persistence.tools({ directory, resumed }) as Hdf5Tools
const finish = async (directory: string): Promise<Hdf5File> => {
  await persistence.write(undefined, directory)
  return (await persistence.read(directory, true)) as Hdf5File
}

/** A finished file whose datasets were made by `fill`. */
const kept = async (fill: (tools: Hdf5Tools) => Promise<void>): Promise<Hdf5File> => {
  const directory = await freshFolder()
  await fill(toolsIn(directory))
  return finish(directory)
}

const examples = {
  float64: Float64Array.of(1.5, -0, NaN, 5e-324),
  float32: Float32Array.of(1.5, -0, NaN, 1e-45),
  int8: Int8Array.of(-128, 127, 0, 1),
  int16: Int16Array.of(-(2 ** 15), 2 ** 15 - 1, 0, 1),
  int32: Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0, 1),
  uint8: Uint8Array.of(0, 255, 1, 2),
  uint16: Uint16Array.of(0, 65535, 1, 2),
  uint32: Uint32Array.of(0, 2 ** 32 - 1, 1, 2),
  bigint64: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n, 1n),
  biguint64: BigUint64Array.of(0n, 2n ** 64n - 1n, 1n, 2n),
}

test('a file that its library does not come back from is damage; nothing is said of a whole one', async () => {
  const endless = join(import.meta.dirname, 'endless.h5') // one bit of a reference to a text is another
  const damaged = await problemIn(() => refuseEndless(endless, 3000))
  expect(damaged).toMatchObject({ name: 'DamagedArtifact', message: expect.stringContaining('for 3 s') as string })
  const whole = await kept(async ({ file }) => (await file.dataset('a', { columns: ['x'] })).append([1]))
  await refuseEndless(whole.path)
  const nothing = join(await freshFolder(), 'none.h5')
  writeFileSync(nothing, 'no HDF5')
  await refuseEndless(nothing) // told by who reads it
})

test('rows that its bytes cannot hold are damage, as is what changes while it is in use', async () => {
  const { default: h5 } = await import('h5wasm/node')
  await h5.ready
  const hollow = join(await freshFolder(), 'hollow.h5')
  const made = new h5.File(hollow, 'w')
  const data = new Float64Array(0)
  const growing = { name: 'a', data, shape: [0], maxshape: [null], chunks: [1000], dtype: '<d' }
  made.create_dataset(growing).resize([2 ** 40])
  made.close()
  expect(await problemIn(() => refuseEndless(hollow))).toMatchObject({
    name: 'DamagedArtifact',
    message: expect.stringContaining('more rows than its bytes can hold') as string,
  })
  const { path, dataset } = await kept(async ({ file }) => (await file.dataset('a')).append([1, 2]))
  const votes = dataset('a', 'float64')
  expect([...(await votes.slice(1)).data]).toEqual([2])
  const bytes = readFileSync(path)
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(path, bytes)
  expect(await problemIn(() => votes.slice(1))).toMatchObject({ name: 'DamagedArtifact' })
})

test('a folder that no checksum speaks for is not called whole to its reader', async () => {
  const root = await freshFolder()
  const tools = ({ directory: dir }: { readonly directory: string }) => ({ dir })
  const read = (_: string, isWhole?: boolean): boolean | undefined => isWhole
  for (const fragile of [{ fragile: true as const }, {}]) {
    const told = makeFormat<boolean, void>('told', undefined, {
      storage: 'checkpoint',
      ...fragile,
      tools,
      write: (_, directory) => writeFileSync(join(directory, 'a'), 'a'),
      read,
    })
    const one = defineTask({ data: told }).run(() => undefined)
    const project = defineProject({ root, pipelines: { work: { one } } })
    const value = async (forget = false): Promise<unknown> => {
      const chain = await openChain(project, {
        config: { tasks: 'work.*' },
        store: join(root, `${'fragile' in fragile}`),
      })
      if (forget) {
        const runInfoPath = `${chain.task('one').dataPath}.run_info.yaml`
        const text = readFileSync(runInfoPath, 'utf8')
        expect(text).toContain('\n  content: ')
        writeFileSync(runInfoPath, text.replace(/\n {2}content: .*/, '')) // as an earlier version wrote it
      }
      const isWhole = await chain.value('one')
      await chain.close()
      return isWhole
    }
    expect([await value(), await value(), await value(true)]).toEqual([true, 'fragile' in fragile, false])
  }
})

describe('hdf5', () => {
  test('a dataset may have a name that every object has', async () => {
    const file = await kept(async ({ file }) => {
      for (const name of ['constructor', '__proto__']) (await file.dataset(name)).append([1])
    })
    expect(file.names).toEqual(['__proto__', 'constructor'])
    expect([...(await file.dataset('constructor', 'float64').all()).data]).toEqual([1])
  })

  test('every kind of number comes back, in one dimension and in two', async () => {
    const file = await kept(async ({ file }) => {
      for (const [dtype, values] of Object.entries(examples)) {
        ;(await file.dataset(dtype, { dtype: dtype as Hdf5Dtype })).append(values)
        ;(await file.dataset(`pairs/${dtype}`, { dtype: dtype as Hdf5Dtype, columns: 2 })).append(values)
      }
    })
    expect(file.names).toEqual(
      [...Object.keys(examples), ...Object.keys(examples).map((dtype) => `pairs/${dtype}`)].toSorted(),
    )
    for (const [dtype, values] of Object.entries(examples)) {
      expect((await file.dataset(dtype, dtype as Hdf5Dtype).all()).data).toStrictEqual(values)
      const pairs = await file.dataset(`pairs/${dtype}`).slice(1, 2)
      expect([pairs.shape, pairs.data]).toEqual([[1, 2], values.slice(2)])
    }
  })

  test('rows may be names of columns, arrays, ndarrays of any layout, and may be compressed', async () => {
    const file = await kept(async ({ file }) => {
      const named = await file.dataset('named', { columns: ['x', 'größe'] })
      named.append([1, 2, 3, 4])
      named.append(nd(Float64Array.of(5, 7, 6, 8), [2, 2]).transpose(1, 0))
      expect(named.length).toBe(4)
      const images = await file.dataset('images', { dtype: 'uint8', rowShape: [2, 3], compression: true })
      images.append(
        nd(
          Uint8Array.from({ length: 12 }, (_, index) => index),
          [2, 2, 3],
        ),
      )
    })
    const named = file.dataset('named')
    expect([named.columns, named.shape, named.length, named.dtype]).toEqual([['x', 'größe'], [4, 2], 4, 'float64'])
    expect((await named.all()).data).toEqual(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8))
    expect((await file.dataset('images').slice(1)).shape).toEqual([1, 2, 3])
    expect((await file.dataset('images').slice(1, 1)).shape).toEqual([0, 2, 3])
    expectTypeOf(file.dataset('named', 'float64').all)
      .returns.resolves.toHaveProperty('data')
      .toEqualTypeOf<Float64Array>()
  })

  test('a file without datasets, and a dataset without rows, are kept too', async () => {
    expect((await kept(async () => undefined)).names).toEqual([])
    const file = await kept(async ({ file }) => void (await file.dataset('empty', { columns: 3 })))
    expect([file.dataset('empty').shape, (await file.dataset('empty').all()).shape]).toEqual([
      [0, 3],
      [0, 3],
    ])
  })

  test('rows beyond the size of one write are written and read', async () => {
    const values = Float64Array.from({ length: 3_000_000 }, (_, index) => index)
    const file = await kept(async ({ file }) => (await file.dataset('many', { columns: 3 })).append(values))
    expect(
      Buffer.compare(
        Buffer.from((await file.dataset('many', 'float64').all()).data.buffer),
        Buffer.from(values.buffer),
      ),
    ).toBe(0)
    expect((await file.dataset('many').slice(-1_000_005, 1)).data).toEqual(Float64Array.of(0, 1, 2))
    expect((await file.dataset('many').slice(-2)).data).toEqual(values.slice(-6))
  })

  test.each<[string, (tools: Hdf5Tools) => Promise<unknown>, string]>([
    [
      'half a row',
      async ({ file }) => (await file.dataset('a', { columns: 2 })).append([1, 2, 3]),
      'dataset "a": a row has 2 elements; 3 are not whole rows',
    ],
    [
      'another kind',
      async ({ file }) => (await file.dataset('a', { dtype: 'uint8' })).append([1, 256]),
      'dataset "a": 256 is not a valid uint8',
    ],
    [
      'a number where a bigint belongs',
      async ({ file }) => (await file.dataset('a', { dtype: 'bigint64' })).append([1] as never),
      'dataset "a": expected bigint64, got 1',
    ],
    [
      'an array of another shape',
      async ({ file }) => (await file.dataset('a', { columns: 2 })).append(nd(Float64Array.of(1, 2, 3), [1, 3])),
      'dataset "a": expected rows of the shape [2], got an array of the shape [1, 3]',
    ],
    [
      'an array of another kind',
      async ({ file }) => (await file.dataset('a')).append(nd(Float32Array.of(1), [1])),
      'dataset "a": expected elements of float64, got float32',
    ],
    ['a name that is none', async ({ file }) => file.dataset('../a'), 'a dataset cannot be called "../a"'],
    [
      'one name for two kinds',
      async ({ file }) => [await file.dataset('a'), await file.dataset('a', { columns: 2 })],
      'dataset "a" has rows of float64 [], but the request is for float64 [2]',
    ],
  ])('%s is refused', async (_, use, message) => {
    expect(await problemIn(async () => use(toolsIn(await freshFolder())))).toMatchObject({
      name: 'FormatProblem',
      message,
    })
  })

  test('what the library only prints is thrown, and names the file', async () => {
    const directory = await freshFolder()
    const { file } = toolsIn(directory)
    await file.dataset('a')
    writeFileSync(join(directory, 'data.h5'), 'no longer HDF5')
    ;(await file.dataset('a')).append([1])
    expect((await problemIn(() => file.flush())).message).toMatch(
      /^HDF5, .*data\.h5: unable to synchronously open file$/,
    )
    expect(await problemIn(() => persistence.read(directory))).toMatchObject({ name: 'DamagedArtifact' })
    expect((await problemIn(async () => persistence.read(await freshFolder()))).message).toMatch(
      /No such file or directory$/,
    )
  })

  test('a name or kind that is not there is told', async () => {
    const file = await kept(async ({ file }) => void (await file.dataset('loss')))
    expect(() => file.dataset('lost')).toThrow('the file has no dataset "lost"; it has loss')
    expect(() => file.dataset('loss', 'int8')).toThrow('dataset "loss" holds float64, not int8')
  })

  test('stops on purpose, resumes where it stopped, and is the same cold and warm', async () => {
    const root = await freshFolder()
    const starts: number[] = []
    const growing = defineTask({ data: hdf5() }).run(async (_, { file, unfinished }) => {
      const steps = await file.dataset('steps')
      starts.push(steps.length)
      steps.append([steps.length, steps.length + 1])
      return steps.length < 6 ? unfinished(`${steps.length} of 6`) : undefined
    })
    const project = defineProject({ root, pipelines: { work: { growing } } })
    const read: unknown[] = []
    for (let round = 0; round < 4; round++) {
      const chain = await openChain(project, { config: { tasks: 'work.*' }, store: join(root, 'store') })
      read.push(
        await chain.value(growing).then(
          async (file) => (await file.dataset('steps').all()).data,
          () => 'unfinished',
        ),
      )
      await chain.close()
    }
    expect([starts, read]).toEqual([
      [0, 2, 4],
      ['unfinished', 'unfinished', Float64Array.of(0, 1, 2, 3, 4, 5), Float64Array.of(0, 1, 2, 3, 4, 5)],
    ])
  })

  test('an attempt that was given up cannot write into the next one', async () => {
    const directory = await freshFolder()
    const lost = await toolsIn(directory).file.dataset('a')
    const current = await toolsIn(directory).file.dataset('a')
    expect(() => lost.append([1])).toThrow('has ended')
    current.append([2])
    expect((await (await finish(directory)).dataset('a').all()).data).toEqual(Float64Array.of(2))
    expect(readdirSync(directory)).toEqual(['data.h5'])
  })

  test('the file that was being changed is made whole from the other one', async () => {
    for (const changing of ['data', 'spare'] as const) {
      const directory = await freshFolder()
      const { file } = toolsIn(directory)
      ;(await file.dataset('a')).append([1, 2])
      file.flush()
      writeFileSync(join(directory, 'flushed.json'), JSON.stringify({ lengths: { a: 2 }, changing }))
      truncateSync(join(directory, `${changing}.h5`), 600)
      const resumed = await toolsIn(directory, true).file.dataset('a')
      expect(resumed.length).toBe(2)
      resumed.append([3])
      expect((await (await finish(directory)).dataset('a').all()).data).toEqual(Float64Array.of(1, 2, 3))
    }
  })

  test('columns of an interrupted run are not taken up under other names', async () => {
    const directory = await freshFolder()
    const { file } = toolsIn(directory)
    ;(await file.dataset('loss', { columns: ['train', 'test'] })).append([1, 2])
    ;(await file.dataset('plain', { columns: 2 })).append([1, 2])
    file.flush()
    const message = 'dataset "loss" has the columns train, test, but the request is for test, train'
    for (const again of [file, toolsIn(directory, true).file]) {
      expect(await problemIn(() => again.dataset('loss', { columns: ['test', 'train'] }))).toMatchObject({
        name: 'FormatProblem',
        message,
      })
      expect((await problemIn(() => again.dataset('plain', { columns: ['a', 'b'] }))).message).toMatch(
        /has columns without names, but the request is for a, b$/,
      )
      expect((await again.dataset('loss', { columns: ['train', 'test'] })).length).toBe(1)
      expect((await again.dataset('loss', { columns: 2 })).length).toBe(1)
    }
  })

  test('an array that reaches out of its data is refused', async () => {
    const append = async () =>
      (await toolsIn(await freshFolder()).file.dataset('a')).append(nd(Float64Array.of(1, 2), [5]))
    expect((await problemIn(append)).message).toBe('an array of the shape [5] reaches beyond its 2 elements')
  })

  test('a folder that was finished but not committed resumes as it is; one that was hardly begun, anew', async () => {
    const directory = await freshFolder()
    ;(await toolsIn(directory).file.dataset('a')).append([1, 2])
    await finish(directory)
    const resumed = await toolsIn(directory, true).file.dataset('a')
    expect(resumed.length).toBe(2)
    expect(await problemIn(() => toolsIn(directory, true).file.dataset('a', { columns: 2 }))).toMatchObject({
      name: 'FormatProblem',
      hint: 'give it another name, or force the task',
    })
    for (const name of ['flushed.json', 'spare.h5']) rmSync(join(directory, name))
    truncateSync(join(directory, 'data.h5'), 10)
    expect((await toolsIn(directory, true).file.dataset('a')).length).toBe(0)
  })

  test('a process that is killed again and again loses nothing that it has flushed', async () => {
    builtOnce()
    const folder = await freshFolder()
    const total = 400
    let flushed = 0
    let path: string | undefined
    const starts: number[] = []
    for (let round = 0; path === undefined && round < 8; round++) {
      const child = spawn(process.execPath, [resolve(import.meta.dirname, 'hdf5-process.mjs'), folder, String(total)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exit = once(child, 'exit')
      let lines = 0
      for await (const line of createInterface({ input: child.stdout })) {
        const [what, told] = line.split(' ') as [string, string]
        if (what === 'from') starts.push(Number(told))
        if (what === 'from') expect(Number(told)).toBeGreaterThanOrEqual(flushed)
        if (what === 'flushed') flushed = Math.max(flushed, Number(told))
        if (what === 'done') path = told
        if (++lines === 10 + 7 * round && round < 4) child.kill('SIGKILL')
      }
      await exit
    }
    expect(starts.length).toBe(5)
    const file = (await persistence.read(resolve(path as string, '..'))) as Hdf5File
    expect((await file.dataset('train/loss').all()).data).toEqual(
      Float64Array.from({ length: 2 * total }, (_, index) => (index % 2 === 0 ? index / 2 : (index - 1) / 4)),
    )
    expect((await file.dataset('seen').all()).data).toEqual(
      BigInt64Array.from({ length: total }, (_, row) => BigInt(row) ** 3n),
    )
  }, 120_000)

  test('says which package to install where it is missing', () => {
    const script = `
      import { hdf5 } from ${JSON.stringify(resolve(import.meta.dirname, '../../src/data/index.ts'))}
      await hdf5().persistence.read('nowhere').catch(({ name, message, hint }) => console.log(JSON.stringify({ name, message, hint })))`
    expect(JSON.parse(execFileSync(process.execPath, without(['h5wasm'], script), { encoding: 'utf8' }))).toEqual({
      name: 'FormatProblem',
      message: 'hdf5 needs the package h5wasm@0.10: not installed',
      hint: 'npm install h5wasm@0.10',
    })
  })
})

const h5py = hasPython('h5py')
describe.skipIf(!h5py)(`h5py${needs('h5py', h5py)}`, () => {
  test('reads what is written: kinds, shapes, names of columns; and appends to it', async () => {
    const file = await kept(async ({ file }) => {
      for (const [dtype, values] of Object.entries(examples))
        (await file.dataset(`kinds/${dtype}`, { dtype: dtype as Hdf5Dtype, compression: dtype === 'int16' })).append(
          values,
        )
      ;(await file.dataset('named', { columns: ['x', 'größe'] })).append([1, 2, 3, 4])
    })
    const told = python(
      `
import h5py
with h5py.File(sys.argv[1], 'a') as file:
    told = {name: [set_.dtype.str, list(set_.shape), [None if n is None else n for n in set_.maxshape], [repr(v) for v in set_[:].tolist()]] for name, set_ in file['kinds'].items()}
    named = file['named']
    told['named'] = [list(named.attrs['columns']), named[:].tolist(), named.maxshape]
    named.resize((3, 2))
    named[2] = [5, 6]
print(json.dumps(told))`,
      file.path,
    ) as Readonly<Record<string, readonly unknown[]>>
    const codes = {
      float64: '<f8',
      float32: '<f4',
      int8: '|i1',
      int16: '<i2',
      int32: '<i4',
      uint8: '|u1',
      uint16: '<u2',
      uint32: '<u4',
      bigint64: '<i8',
      biguint64: '<u8',
    }
    for (const [dtype, values] of Object.entries(examples)) {
      const shown = Array.from<number | bigint, string>(values as ArrayLike<number>, (value) =>
        dtype.startsWith('float')
          ? Number.isNaN(value)
            ? 'nan'
            : Object.is(value, -0)
              ? '-0.0'
              : value === 5e-324
                ? '5e-324'
                : value === 1.5
                  ? '1.5'
                  : '1.401298464324817e-45'
          : String(value),
      )
      expect(told[dtype]).toEqual([codes[dtype as Hdf5Dtype], [4], [null], shown])
    }
    expect(told['named']).toEqual([
      ['x', 'größe'],
      [
        [1, 2],
        [3, 4],
      ],
      [null, 2],
    ])
    expect(
      (await ((await persistence.read(resolve(file.path, '..'))) as Hdf5File).dataset('named').slice(2)).data,
    ).toEqual(Float64Array.of(5, 6))
  })

  test('writes what is read: contiguous, chunked, compressed, scalars, either byte order; texts are told', async () => {
    const folder = await freshFolder()
    python(
      `
import h5py, numpy as np
with h5py.File(sys.argv[1] + '/data.h5', 'w') as file:
    file['plain'] = np.arange(6.0).reshape(3, 2)
    file.create_dataset('group/packed', data=np.arange(5000, dtype='<i4'), chunks=(100,), compression='gzip', shuffle=True)
    file['big'] = np.array([1, 2, 300], dtype='>i2')
    file['scalar'] = 7.5
    file['text'] = 'no number'
print(1)`,
      folder,
    )
    const file = (await persistence.read(folder)) as Hdf5File
    expect(file.names).toEqual(['big', 'group/packed', 'plain', 'scalar', 'text'])
    expect((await file.dataset('plain').slice(1, 2)).data).toEqual(Float64Array.of(2, 3))
    expect((await file.dataset('group/packed', 'int32').slice(4998)).data).toEqual(Int32Array.of(4998, 4999))
    const scalar = await file.dataset('scalar').all()
    expect([scalar.shape, scalar.data]).toEqual([[], Float64Array.of(7.5)])
    expect(() => file.dataset('text')).toThrow('dataset "text" holds "S", not numbers of a supported type')
    expect((await file.dataset('big').all()).data).toEqual(Int16Array.of(1, 2, 300))
  })
})
