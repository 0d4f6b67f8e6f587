import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import type { Revision } from './run-record.js'

/** A question to git that runs in the background. */
export interface RevisionQuestion {
  /** Git's answer within `most` milliseconds; undefined without git, or without a commit. */
  answer(most: number): Promise<Revision | undefined>
}

/**
 * Asks, in one call, for the commit of a folder's repository and whether the working tree differs from it. Starts
 * nothing if the folder is not in a repository. `apart`: a folder whose files do not count as changes, the store.
 */
export const askRevision = (folder: string, apart: string): RevisionQuestion => {
  if (!isInRepository(folder)) return { answer: async () => undefined }
  const words = [
    '-c',
    'core.fsmonitor=false',
    'status',
    '--porcelain=v2',
    '--branch',
    '--',
    ':/',
    ...without(folder, apart),
  ]
  const env = { ...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' }
  const child = spawn('git', words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] })
  let output = ''
  const commit = (): string | undefined => /^# branch\.oid ([0-9a-f]+)$/m.exec(output)?.[1]
  const revision = new Promise<Revision | undefined>((resolve) => {
    const settle = (clean: boolean | undefined): void => {
      const found = commit()
      resolve(found === undefined ? undefined : { commit: found, ...(clean === undefined ? {} : { clean }) })
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (!/^[^#\n]/m.test(output)) return
      settle(false) // one change is enough to know
      child.kill('SIGKILL')
    })
    child.on('error', () => settle(undefined))
    child.on('close', (code) => settle(code === 0 ? true : undefined))
  })
  child.unref()
  return {
    answer: async (most) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), most)
      child.ref()
      try {
        return await revision
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

const isInRepository = (folder: string): boolean =>
  existsSync(join(folder, '.git')) || (dirname(folder) !== folder && isInRepository(dirname(folder)))

const without = (folder: string, apart: string): readonly string[] => {
  const path = relative(folder, apart)
  return path === '' || isAbsolute(path) || path.split(sep)[0] === '..' ? [] : [`:(exclude,literal)${path}`]
}
