import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

const newestIn = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true, recursive: true }).reduce(
    (newest, entry) =>
      entry.isFile() ? Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs) : newest,
    0,
  )

const main = join(root, 'dist/cli/main.js')
const isFresh = (): boolean => existsSync(main) && statSync(main).mtimeMs >= newestIn(join(root, 'src'))

const lock = join(root, 'node_modules/.taskchain-build')
/** A build takes seconds; a lock older than this was left by a process that died. */
const longest = 120_000

const tryLock = (): boolean => {
  try {
    mkdirSync(lock)
    return true
  } catch {
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs
    if (since !== undefined && Date.now() - since > longest) rmSync(lock, { recursive: true, force: true })
    return false
  }
}

/** Builds `dist` where it is missing or older than `src`; test files that run at the same time build once. `npm test` has built it already. */
export const builtOnce = (): void => {
  if (!existsSync(lock) && isFresh()) return
  while (!tryLock()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  try {
    if (isFresh()) return
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], {
      cwd: root,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`)
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}
