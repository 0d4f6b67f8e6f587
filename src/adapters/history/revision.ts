import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import type { Revision } from './run-record.js'

/** A question to git that goes on beside other work. */
export interface RevisionQuestion {
  /** What git has said, waited for no longer than so many milliseconds; undefined without git, or a commit. */
  answer(most: number): Promise<Revision | undefined>
}

/**
 * Asks, in one call, at which commit a folder's repository is and whether anything in it differs from that. Without a
 * repository around the folder nothing is started. `apart`: a folder whose files count as no changes, the store.
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
  let said = ''
  const commit = (): string | undefined => /^# branch\.oid ([0-9a-f]+)$/m.exec(said)?.[1]
  const told = new Promise<Revision | undefined>((resolve) => {
    const tell = (clean: boolean | undefined): void => {
      const found = commit()
      resolve(found === undefined ? undefined : { commit: found, ...(clean === undefined ? {} : { clean }) })
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (!/^[^#\n]/m.test(said)) return
      tell(false) // one change is enough to know
      child.kill('SIGKILL')
    })
    child.on('error', () => tell(undefined))
    child.on('close', (code) => tell(code === 0 ? true : undefined))
  })
  child.unref()
  return {
    answer: async (most) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), most)
      child.ref()
      try {
        return await told
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
