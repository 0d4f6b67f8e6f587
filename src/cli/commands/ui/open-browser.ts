import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Opens an address in the browser; without a browser, the address is still on the terminal. It is passed in a file that
 * only this user can read, as command lines are visible to all. Resolves with a function that removes the file.
 */
export const openBrowser = async (url: string): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), 'taskchain-ui-'))
  const file = join(folder, 'open.html')
  await writeFile(file, `<!doctype html><meta http-equiv="refresh" content="0;url=${url}">\n`, { mode: 0o600 })
  const [program = '', ...words] = openers[process.platform] ?? ['xdg-open']
  const child = spawn(program, [...words, file], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
  return () => rm(folder, { recursive: true, force: true })
}

const openers: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}
