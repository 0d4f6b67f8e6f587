// The working folder of the consumer checks, outside the repository, with the packed package installed.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** Everything a check receives. */
export interface Site {
  /** An empty folder for each check. */
  readonly folder: (name: string) => string
  readonly tarball: string
  /** A folder with the package in `node_modules` as in a user's project, without optional peers. Created once. */
  readonly consumer: () => Promise<string>
  /** Like `consumer`, with only the package itself. */
  readonly bare: () => Promise<string>
  /** Installs packages from the registry into a separate folder, once: the path of a file in it. */
  readonly tool: (packages: readonly string[], file: string) => Promise<string>
}

/** One guarantee to users. `short` ones are part of `.ci/run`. */
export interface Check {
  readonly name: string
  readonly short: boolean
  readonly run: (site: Site) => Promise<void>
}

export interface Ended {
  readonly code: number | null
  /** Its output, standard output and standard error. */
  readonly output: string
}

/** Packages in a project created by `init`, in addition to TypeScript. */
export const projectPackages = ['io-ts@2', 'fp-ts@2', '@types/node@20', 'vitest@4', 'tsx@4']

export const makeSite = async (): Promise<Site> => {
  const place = realpathSync(mkdtempSync(join(tmpdir(), 'taskchain-consumers-')))
  await succeeds(place, 'npm', ['pack', '--silent', '--pack-destination', place, root])
  const tarball = join(place, readdirSync(place).find((name) => name.endsWith('.tgz')) ?? 'none')
  const made = new Map<string, Promise<string>>()
  const once = (name: string, make: () => Promise<string>): Promise<string> => {
    const making = made.get(name) ?? make()
    made.set(name, making)
    return making
  }
  const installed = async (name: string, packages: readonly string[]): Promise<string> => {
    const folder = join(place, name)
    write(folder, { 'package.json': '{ "private": true, "type": "module" }' })
    await install(folder, packages)
    return folder
  }
  return {
    tarball,
    folder: (name) => {
      const folder = join(place, name)
      mkdirSync(folder, { recursive: true })
      return folder
    },
    consumer: () => once('consumer', () => installed('consumer', [tarball, ...projectPackages])),
    bare: () => once('bare', () => installed('bare', [tarball, 'io-ts@2', 'fp-ts@2'])),
    tool: async (packages, file) => {
      const name = `tools-${packages.join('-').replaceAll(/[^\w.-]+/g, '-')}`
      return join(await once(name, () => installed(name, packages)), 'node_modules', file)
    },
  }
}

export const install = (folder: string, packages: readonly string[] = []): Promise<string> =>
  succeeds(folder, 'npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', ...packages])

export const write = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

/** Milliseconds that a program may take. */
const longest = 300_000

/**
 * Runs a program to its end. Rejects if it takes too long: also where a program that it has started, and that outlives
 * it, keeps its output open.
 */
export const ended = (
  folder: string,
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Ended> =>
  new Promise((done, fail) => {
    const child = spawn(program, words, {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const limit = setTimeout(() => {
      child.kill('SIGKILL')
      for (const stream of [child.stdout, child.stderr]) stream.destroy()
      fail(new Error(`${[program, ...words].join(' ')} has not ended within ${longest / 1000} s:\n${output}`))
    }, longest)
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    const end = (action: () => void): void => {
      clearTimeout(limit)
      action()
    }
    child.on('error', (cause) => end(() => fail(cause))).on('close', (code) => end(() => done({ code, output })))
  })

/** The output of a program; fails if it does not exit with 0. */
export const succeeds = async (
  folder: string,
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<string> => {
  const { code, output } = await ended(folder, program, words, environment)
  if (code !== 0) throw new Error(`${[program, ...words].join(' ')} ended with ${String(code)}:\n${output}`)
  return output
}

/** The command line of the package installed above a folder. */
export const taskchain = (folder: string, line: string): Promise<string> =>
  succeeds(folder, process.execPath, [commandAbove(folder), ...line.split(' ')])

export const commandAbove = (folder: string): string => join(packageAbove(folder), 'dist/cli/main.js')

const packageAbove = (folder: string): string => {
  for (let here = folder; ; here = dirname(here)) {
    const found = join(here, 'node_modules/taskchain')
    if (readsFolder(found)) return found
    if (dirname(here) === here) throw new Error(`no taskchain above ${folder}`)
  }
}

const readsFolder = (path: string): boolean => {
  try {
    return readdirSync(path).length > 0
  } catch {
    return false
  }
}

/** The package with a program's binary for this system: `linux-x64` and similar. */
export const system = `${process.platform}-${process.arch}`

export const saysAll = (output: string, expected: readonly string[]): void => {
  for (const one of expected) if (!output.includes(one)) throw new Error(`'${one}' is not in:\n${output}`)
}
