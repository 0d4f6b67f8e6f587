import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { gitSource } from '../../src/adapters/project/git-source.js'

const top = realpathSync(mkdtempSync(join(tmpdir(), 'taskchain-git-')))
const root = join(top, 'pröject one')
afterAll(() => rmSync(top, { recursive: true, force: true }))

const git = (...words: readonly string[]): string =>
  execFileSync(
    'git',
    ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false', ...words],
    {
      cwd: top,
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    },
  )
const write = (files: Readonly<Record<string, string>>): void => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(top, path)), { recursive: true })
    writeFileSync(join(top, path), text)
  }
}

beforeAll(() => {
  git('init', '-q', '-b', 'main')
  write({
    'shared.yaml': 'size: 1\n',
    'pröject one/configs/a.yaml': 'one: ü\n',
    'pröject one/configs/deep/b.yml': 'two: 2\n',
    'pröject one/notes.txt': 'no config\n',
  })
  git('add', '.')
  git('commit', '-qm', 'first')
  git('tag', 'v1')
  write({
    'pröject one/configs/a.yaml': 'one: 11\n',
    'pröject one/configs/c.yaml': 'three: 3\n',
    'untracked.yaml': 'four: 4\n',
  })
  rmSync(join(root, 'configs/deep/b.yml'))
  git('add', '-A', 'pröject one')
  git('commit', '-qm', 'second')
})

const path = process.env['PATH']
afterEach(() => {
  process.env['PATH'] = path
})

describe('configs at a revision', () => {
  test('are read as they were, whatever there is now', async () => {
    const source = await gitSource(root, 'v1')
    expect([
      await source.read('configs/a.yaml'),
      await source.read('configs/deep/b.yml'),
      await source.read('configs/c.yaml'),
    ]).toEqual(['one: ü\n', 'two: 2\n', undefined])
    expect(await (await gitSource(root, 'HEAD')).read('configs/a.yaml')).toBe('one: 11\n')
    expect(source.commit).toBe(git('rev-parse', 'v1').trim())
    expect([source.has('configs/deep/b.yml'), source.has('configs/c.yaml')]).toEqual([true, false])
  })

  test('are listed as they were', async () => {
    const source = await gitSource(root, 'HEAD~1')
    expect(await source.list('configs')).toEqual(['configs/a.yaml', 'configs/deep/b.yml'])
    expect(await source.list('')).toEqual(['configs/a.yaml', 'configs/deep/b.yml'])
    expect(await source.list('configs/deep')).toEqual(['configs/deep/b.yml'])
  })

  test('above the root are read too, by a relative or an absolute path; what is in no repository is read as it is', async () => {
    const source = await gitSource(root, 'v1')
    expect(await source.read('../shared.yaml')).toBe('size: 1\n')
    expect(await source.read(join(top, 'shared.yaml'))).toBe('size: 1\n')
    expect(await source.read('../untracked.yaml')).toBeUndefined()
    const elsewhere = mkdtempSync(join(tmpdir(), 'taskchain-elsewhere-'))
    writeFileSync(join(elsewhere, 'x.yaml'), 'x: 1\n')
    expect(await source.read(join(elsewhere, 'x.yaml'))).toBe('x: 1\n')
    rmSync(elsewhere, { recursive: true })
  })
})

describe('what cannot be had', () => {
  const errorOf = async (asked: Promise<unknown>): Promise<unknown> =>
    asked.then(
      () => 'no error',
      (error: { readonly errors?: unknown }) => error.errors ?? error,
    )

  test.each(['nonsense', '', '--help', '-h', 'main:configs', 'HEAD^{tree}', 'v2\0'])(
    'the revision %j is unknown',
    async (revision) => {
      expect(await errorOf(gitSource(root, revision))).toEqual([
        { _tag: 'UnknownRevision', revision, near: expect.any(Array) as unknown },
      ])
    },
  )

  test('a revision that is nearly a branch or tag suggests it', async () => {
    expect(await errorOf(gitSource(root, 'mian'))).toEqual([
      { _tag: 'UnknownRevision', revision: 'mian', near: ['main'] },
    ])
  })

  test('a folder outside any repository', async () => {
    const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'taskchain-elsewhere-')))
    expect(await errorOf(gitSource(elsewhere, 'HEAD'))).toEqual([
      { _tag: 'NotInGit', folder: elsewhere, problem: expect.stringContaining('not a git repository') as string },
    ])
    rmSync(elsewhere, { recursive: true })
  })

  test('a machine without git', async () => {
    process.env['PATH'] = join(top, 'nowhere')
    expect(await errorOf(gitSource(root, 'HEAD'))).toEqual([{ _tag: 'GitNotFound' }])
  })

  test('bytes that are no text', async () => {
    writeFileSync(join(root, 'configs/broken.yaml'), Buffer.from([0xff, 0xfe, 0x00]))
    git('add', '.')
    git('commit', '-qm', 'broken')
    await expect((await gitSource(root, 'HEAD')).read('configs/broken.yaml')).rejects.toThrow()
  })
})
