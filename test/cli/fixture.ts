// A small project in a temporary folder, and the built command run on it as a process.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { runCommandLine } from '../../src/cli/program.js'

export const root = resolve(import.meta.dirname, '../..')
export const command = join(root, 'dist/cli/main.js')

/** An empty folder with packages linked in, as `npm install` would have put them. */
export const emptyFolder = (packages: readonly string[] = ['taskchain', 'io-ts', 'fp-ts']): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'taskchain-cli-')))
  for (const name of packages) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(name === 'taskchain' ? root : join(root, 'node_modules', name), link, 'dir')
  }
  return folder
}

export const write = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

export const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true })

const tasksText = `
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as t from 'io-ts'
import { defineTask, inMemory, param } from 'taskchain'
import { checkpoint, directory } from 'taskchain/data'

const Film = t.type({ title: t.string, votes: t.number }, 'Film')

export const all = defineTask({ params: { howMany: t.number }, data: t.array(Film) }).run(({ howMany }, { log, note }) => {
  log.info('making films')
  note({ made: howMany })
  return Array.from({ length: howMany }, (_, index) => ({ title: 'Film ' + index, votes: index * 100 }))
})
export const filtered = defineTask({ inputs: { all }, params: { minVotes: param(t.number, { default: 200 }) }, data: t.array(Film) })
  .run(({ all, minVotes }) => all.filter((film) => film.votes >= minVotes))
export const index = defineTask({ inputs: { filtered }, data: inMemory() }).run(({ filtered }) => new Map(filtered.map((film) => [film.title, film])))
export const summary = defineTask({ inputs: { index }, data: t.type({ films: t.number }) }).run(({ index }) => ({ films: index.size }))
export const exported = defineTask({ inputs: { filtered }, data: directory() })
  .run(async ({ filtered }, { dir }) => { await writeFile(join(dir, 'titles.txt'), filtered.map((film) => film.title).join('\\n')) })
`

const troubleText = `
import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'
import { checkpoint } from 'taskchain/data'

export const failing = defineTask({ data: t.number }).run((_, { log }) => { log.info('about to fail'); throw new Error('no luck') })
export const after = defineTask({ inputs: { failing }, data: t.number }).run(({ failing }) => failing)
export const fine = defineTask({ data: t.number }).run(() => 1)
export const stopping = defineTask({ data: checkpoint() }).run((_, { unfinished }) => unfinished('the quota is used up'))
const forever = (signal) => new Promise((_, reject) => {
  const timer = setInterval(() => undefined, 1000)
  signal?.addEventListener('abort', () => { clearInterval(timer); reject(signal.reason) })
})
export const slow = defineTask({ data: t.number }).run(async (_, { signal }) => { await forever(signal); return 1 })
export const stubborn = defineTask({ data: t.number }).run(async () => { await forever(undefined); return 1 })
export const afterSlow = defineTask({ inputs: { slow }, data: t.number }).run(({ slow }) => slow)
`

/** Films and trouble, with configs of both. */
export const projectFiles: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'taskchain.config.js': `import { defineProject } from 'taskchain'
import * as films from './films.js'
import * as trouble from './trouble.js'
export default defineProject({ pipelines: { films, trouble } })
`,
  'films.js': tasksText,
  'trouble.js': troubleText,
  'configs/films.yaml': 'tasks: films.*\nhow_many: 12\n',
  'configs/trouble.yaml': 'tasks: [trouble.failing, trouble.after, trouble.fine]\n',
  'configs/stopping.yaml': 'tasks: trouble.stopping\n',
  'configs/slow.yaml': 'tasks: [trouble.slow, trouble.after_slow]\n',
  'configs/stubborn.yaml': 'tasks: trouble.stubborn\n',
  'contexts/few.yaml': 'how_many: 3\n',
}

export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface RunningCommand {
  readonly ended: Promise<Outcome>
  /** Resolves when the text has come on either output; rejects when the process ends without it. */
  says(text: string): Promise<void>
  kill(signal: NodeJS.Signals): void
  /** Keys, on a terminal. */
  type(keys: string): void
  readonly pid: number
}

/** Starts a program; its outputs are pipes. */
export const start = (
  program: string,
  words: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): RunningCommand => {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env
  const child = spawn(program, words, {
    cwd: folder,
    env: { ...inherited, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  const waiting = new Set<() => void>()
  const heard = (): void => waiting.forEach((check) => check())
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    heard()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
    heard()
  })
  const ended = new Promise<Outcome>((done, fail) => {
    child.once('error', fail)
    child.once('close', (code, signal) => done({ code, signal, out, err }))
  })
  return {
    ended,
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    type: (keys) => void child.stdin.write(keys),
    says: (text) =>
      new Promise((done, fail) => {
        const check = (): void => {
          if (!out.includes(text) && !err.includes(text)) return
          waiting.delete(check)
          done()
        }
        waiting.add(check)
        check()
        void ended.then((outcome) => fail(new Error(`ended without saying '${text}': ${JSON.stringify(outcome)}`)))
      }),
  }
}

/**
 * The command line without a process of its own: ten times faster; what only processes have (pipes, signals, exit) is
 * tested with `taskchain`.
 */
export const inProcess = async (folder: string, words: readonly string[]): Promise<Outcome> => {
  const texts = { out: '', err: '' }
  const output = (name: 'out' | 'err') => ({
    write: (text: string) => {
      texts[name] += text
    },
    isTerminal: false,
    size: () => ({ columns: 80, rows: 24 }),
    lost: () => undefined,
    drained: async () => undefined,
  })
  process.chdir(folder)
  try {
    const code = await runCommandLine(
      words,
      { folder, environment: {}, out: output('out'), err: output('err') },
      '0.0.0',
    )
    return { code, signal: null, ...texts }
  } finally {
    process.chdir(root)
  }
}

/** `taskchain` in a pipe. */
export const taskchain = (
  folder: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> => start(process.execPath, [command, ...words], folder, environment).ended

/** `taskchain` on a terminal of 80 × 24; both outputs are what the screen received. */
export const onTerminal = (
  folder: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): RunningCommand =>
  start(
    'script',
    [
      '-qec',
      `stty cols 80 rows 24; exec ${[process.execPath, command, ...words].map((word) => `'${word}'`).join(' ')}`,
      '/dev/null',
    ],
    folder,
    { TERM: 'xterm-256color', ...environment },
  )
