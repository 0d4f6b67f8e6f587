// Folders and patterns of files as params, end to end: a chain over a real folder.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import * as nodeFs from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import * as t from 'io-ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { gatherDigests } from '../src/adapters/project/file-digests.js'
import { defineProject, defineTask, folder, glob, openChain, param } from '../src/index.js'
import { planOf } from '../src/testing/index.js'

const names = defineTask({ params: { images: folder }, data: t.array(t.string) }).run(({ images }) =>
  nodeFs.readdirSync(images, { recursive: true, encoding: 'utf8' }).toSorted(),
)
const texts = defineTask({
  params: { reports: param(glob, { default: ['in/*.txt'] }) },
  data: t.array(t.string),
}).run(({ reports }) => reports.map((path) => readFileSync(path, 'utf8')))
const writing = defineTask({ params: { images: folder, reports: glob }, data: t.number }).run(({ images }) => {
  writeFileSync(join(images, 'later.txt'), '')
  return 1
})

let root = ''
const at = (path: string): string => join(root, path)
const put = (path: string, text = path): void => {
  mkdirSync(join(at(path), '..'), { recursive: true })
  writeFileSync(at(path), text)
}
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'taskchain-folders-')))
  for (const path of ['in/a.txt', 'in/b.txt', 'in/deep/c.txt', 'in/.hidden', 'in/other.csv']) put(path)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const open = (values: Readonly<Record<string, unknown>>, globals: Readonly<Record<string, string>> = {}) =>
  openChain(defineProject({ pipelines: { p: { names }, q: { texts }, r: { writing } }, root, globals }), {
    config: values,
  })
const run = async (values: Readonly<Record<string, unknown>>, globals?: Readonly<Record<string, string>>) => {
  const chain = await open(values, globals)
  const { computed, failed } = await chain.run()
  await chain.close()
  return { computed, failed }
}
const digest = async (request: string, options: object = {}) =>
  (await gatherDigests([request], { root, ...options }))[request]
const problem = async (request: string, options?: object): Promise<unknown> => {
  const found = await digest(request, options)
  return typeof found === 'object' && 'problem' in found ? found.problem : found
}

describe('a folder', () => {
  const images = { tasks: 'p.*', images: 'in' }

  test('that changes anywhere inside is another key; one that changes back is found', async () => {
    expect((await run(images)).computed).toEqual(['p:names'])
    const changes: readonly (readonly [() => void, () => void])[] = [
      [() => put('in/deep/c.txt', 'else'), () => put('in/deep/c.txt')],
      [() => put('in/deep/d.txt'), () => rmSync(at('in/deep/d.txt'))],
      [() => renameSync(at('in/a.txt'), at('in/A.txt')), () => renameSync(at('in/A.txt'), at('in/a.txt'))],
      [() => put('in/.hidden', 'else'), () => put('in/.hidden')],
      [() => mkdirSync(at('in/empty')), () => rmSync(at('in/empty'), { recursive: true })],
    ]
    for (const [change, back] of changes) {
      change()
      expect((await run(images)).computed).toEqual(['p:names'])
      back()
      expect((await run(images)).computed).toEqual([])
    }
  })

  test('is the same wherever it is, and by whatever slash is at its end', async () => {
    mkdirSync(at('elsewhere'))
    expect((await run({ ...images, images: '{IN}/in' }, { IN: root })).computed).toEqual(['p:names'])
    renameSync(at('in'), at('elsewhere/in'))
    expect((await run({ ...images, images: '{IN}/in' }, { IN: at('elsewhere') })).computed).toEqual([])
    expect(await digest('elsewhere/in/')).toEqual(await digest(`${at('elsewhere/in')}/`))
  })

  test('gives run an absolute path; plan and run info hold the path as written', async () => {
    const chain = await open(images)
    expect(await chain.value('names')).toEqual(['.hidden', 'a.txt', 'b.txt', 'deep', 'deep/c.txt', 'other.csv'])
    expect(chain.plan.nodes[0]?.params).toEqual({ images: { path: 'in', sha256: expect.stringMatching(/^\w{64}$/) } })
    await chain.close()
  })

  test('that changes while its task runs leaves no result', async () => {
    const { failed } = await run({ tasks: 'r.*', images: 'in', reports: 'in/*.csv' })
    expect(failed).toMatchObject([{ _tag: 'FileChanged', path: 'in/', problem: 'its content has changed' }])
  })

  test('whose files lie behind links has their contents', async () => {
    put('outside/x.txt')
    symlinkSync('../outside', at('in/link'))
    symlinkSync('../outside/x.txt', at('in/x.txt'))
    const before = await digest('in/')
    put('outside/x.txt', 'else')
    expect(await digest('in/')).not.toEqual(before)
  })

  test('that is empty is one too', async () => {
    mkdirSync(at('nothing'))
    expect(await digest('nothing/')).toEqual({ sha256: expect.any(String) })
  })

  test('with two ways of writing the same letters is one', async () => {
    put('one/\u00E9.txt', '1')
    put('two/e\u0301.txt', '1')
    expect(await digest('one/')).toEqual(await digest('two/'))
  })

  test('that cannot be read says why, and where', async () => {
    await expect(run({ ...images, images: 'im' })).rejects.toThrow(
      "param 'images' of 'p:names': the folder 'im' cannot be read: there is no such folder",
    )
    symlinkSync('nowhere', at('in/broken'))
    expect(await problem('in/')).toBe("'broken' is a link to nothing")
    rmSync(at('in/broken'))
    symlinkSync('..', at('in/deep/up'))
    expect(await problem('in/')).toContain('is a link to a folder that it is in')
    rmSync(at('in/deep/up'))
    execFileSync('mkfifo', [at('in/pipe')])
    expect(await problem('in/')).toBe("'pipe' is neither a file nor a folder")
    rmSync(at('in/pipe'))
    expect(await problem('in/a.txt/')).toBe('it is a file')
    expect(await problem('in/', { cache: at('in/data/.taskchain/digests.json') })).toContain('it holds the store')
    expect(await digest('in/')).toEqual({ sha256: expect.any(String) })
  })

  test.skipIf(process.getuid?.() === 0)('with a file that may not be read names it', async () => {
    chmodSync(at('in/deep/c.txt'), 0)
    expect(await problem('in/')).toBe("'deep/c.txt': permission denied")
  })

  test('with files that come and go while it is read is read again, and given up in the end', async () => {
    let lists = 0
    const changing = (until: number): typeof nodeFs => ({
      ...nodeFs,
      readdirSync: ((path: string, options: object) => {
        if (relative(at('in'), path) === '' && ++lists <= until) put('in/a.txt', `${lists}`)
        return nodeFs.readdirSync(path, options)
      }) as typeof nodeFs.readdirSync,
    })
    expect(await digest('in/', { fileSystem: changing(2) })).toEqual(await digest('in/'))
    lists = 0
    expect(await problem('in/', { fileSystem: changing(100) })).toBe('it changes while it is read')
  })

  test('that has not changed is not read again, nor one that is large', async () => {
    const reads: string[] = []
    const promises = {
      ...nodeFs.promises,
      open: (path: string, flags: number) => {
        reads.push(relative(root, path))
        return nodeFs.promises.open(path, flags)
      },
    } as typeof nodeFs.promises
    put('in/large.bin', 'x'.repeat(2 ** 20))
    const later = { cache: at('digests.json'), now: () => Date.now() + 60_000, fileSystem: { ...nodeFs, promises } }
    const first = await digest('in/', later)
    expect(reads).toHaveLength(6)
    reads.length = 0
    expect(await digest('in/', later)).toEqual(first)
    expect(reads).toEqual([])
    put('in/b.txt', 'else')
    await digest('in/', later)
    expect(reads).not.toContain('in/large.bin')
    expect(reads).toContain('in/b.txt')
  })

  test('of ten thousand files is read', async () => {
    mkdirSync(at('many'))
    for (let file = 0; file < 10_000; file++) writeFileSync(at(`many/${file}`), '')
    expect(await digest('many/')).toEqual({ sha256: expect.any(String) })
  })
})

describe('a pattern', () => {
  const texts = (reports?: unknown) => ({ tasks: 'q.*', ...(reports === undefined ? {} : { reports }) })
  const valueOf = async (reports?: unknown): Promise<unknown> => {
    const chain = await open(texts(reports))
    const value = await chain.value('q:texts')
    await chain.close()
    return value
  }

  test('gives run the files that it fits, sorted, each once', async () => {
    expect(await valueOf()).toEqual(['in/a.txt', 'in/b.txt'])
    expect(await valueOf('in/**/*.txt')).toEqual(['in/a.txt', 'in/b.txt', 'in/deep/c.txt'])
    expect(await valueOf(['in/*.csv', '**/[a-b].*', '**/a.txt'])).toEqual(['in/other.csv', 'in/a.txt', 'in/b.txt'])
    expect(await valueOf('*/.*')).toEqual(['in/.hidden'])
  })

  test('is another key where a file that it fits is another, is new or is gone, and for nothing else', async () => {
    expect((await run(texts())).computed).toEqual(['q:texts'])
    put('in/other.csv', 'else')
    expect((await run(texts())).computed).toEqual([])
    put('in/n.txt')
    expect((await run(texts())).computed).toEqual(['q:texts'])
    rmSync(at('in/n.txt'))
    expect((await run(texts())).computed).toEqual([])
    put('in/a.txt', 'else')
    expect((await run(texts('in/*.txt'))).computed).toEqual(['q:texts'])
  })

  test('that fits no file, or is none, is an error with its place', async () => {
    await expect(run(texts('in/*.tsv'))).rejects.toThrow("files of the pattern 'in/*.tsv': no file fits it")
    await expect(run(texts('in/[a'))).rejects.toThrow("'[a' has a '[' that is not closed")
    await expect(run(texts([]))).rejects.toThrow('expected a pattern of files, or several; got none')
  })

  test('goes through links that it names, and into no folder that is a link by **', async () => {
    put('outside/x.txt')
    symlinkSync('..', at('outside/up'))
    symlinkSync('../outside', at('in/link'))
    expect(await valueOf('in/link/*.txt')).toEqual(['outside/x.txt'])
    expect(await valueOf('**/x.txt')).toEqual(['outside/x.txt'])
  })

  test('and a file of the same name are two', async () => {
    put('in/[ab].txt')
    expect(await valueOf(String.raw`in/\[ab\].txt`)).toEqual(['in/[ab].txt'])
    expect(await digest('glob:in/[ab].txt')).not.toEqual(await digest('in/[ab].txt'))
    expect(await problem('./glob:in/[ab].txt')).toBe('there is no such file')
  })
})

test('without digests contents are unknown; in tests they are plain data', () => {
  const spec = { tasks: { r: { writing } }, params: { images: 'in', reports: ['a', 'b'] } }
  expect(planOf(spec).nodes[0]?.params).toMatchObject({ images: { path: 'in', sha256: null } })
  const known = planOf({
    ...spec,
    digests: { 'in/': '1'.repeat(64), 'glob:a': '2'.repeat(64), 'glob:b': '3'.repeat(64) },
  })
  expect(known.nodes[0]?.params).toEqual({
    images: { path: 'in', sha256: '1'.repeat(64) },
    reports: [
      { path: 'a', sha256: '2'.repeat(64) },
      { path: 'b', sha256: '3'.repeat(64) },
    ],
  })
})
