import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

const newestIn = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true, recursive: true }).reduce((newest, entry) => (entry.isFile() ? Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs) : newest), 0)

/** Builds `dist` where it is missing or older than `src`. `npm test` has built it already. */
export const builtOnce = (): void => {
  const main = join(root, 'dist/cli/main.js')
  if (existsSync(main) && statSync(main).mtimeMs >= newestIn(join(root, 'src'))) return
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`)
}
