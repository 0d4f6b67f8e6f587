import { execFileSync, spawnSync } from 'node:child_process'

/**
 * Debian's own Python first: its packages (`apt-get install python3-numpy`) are for it, whatever else is in the path.
 */
const interpreters = ['/usr/bin/python3', 'python3']

const found = new Map<string, string | undefined>()

/**
 * The Python that has a module, if this machine has one. A missing reader fails the tests where REQUIRE_ALL is set, and
 * skips them else.
 */
const interpreterWith = (module: string): string | undefined => {
  if (!found.has(module))
    found.set(
      module,
      interpreters.find((path) => spawnSync(path, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0),
    )
  return found.get(module)
}

/** Whether there is a Python with a module; the module's name is that of Debian's package. */
export const hasPython = (module: string): boolean => {
  const has = interpreterWith(module) !== undefined
  if (!has && process.env['REQUIRE_ALL'] === '1')
    throw new Error(`python3 with ${module} is missing: apt-get install python3-${module}`)
  return has
}

/** The Python to run; `python3` where no module was asked for. */
export const pythonPath = (module?: string): string =>
  (module === undefined ? undefined : interpreterWith(module)) ??
  [...found.values()].find((path) => path !== undefined) ??
  'python3'

/** Why tests against a reader in Python are left out; the name of the suite says it. */
export const needs = (module: string, has: boolean): string =>
  has ? '' : ` (left out: python3-${module} is not installed)`

/** What a script prints as JSON; it gets `args` as `sys.argv[1:]`. */
export const python = (script: string, ...args: readonly string[]): unknown =>
  JSON.parse(
    execFileSync(pythonPath(), ['-c', `import sys, json\n${script}`, ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    }),
  )
