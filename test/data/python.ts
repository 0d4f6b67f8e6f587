import { execFileSync, spawnSync } from 'node:child_process'

/** Python with a module, where this machine has it. A missing reader fails the tests where REQUIRE_ALL is set, and skips them else. */
export const hasPython = (module: string): boolean => {
  const found = spawnSync('python3', ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0
  if (!found && process.env['REQUIRE_ALL'] === '1') throw new Error(`python3 with ${module} is missing: apt-get install python3-${module}`)
  return found
}

/** Why tests against a reader in Python are left out; the name of the suite says it. */
export const needs = (module: string, found: boolean): string => (found ? '' : ` (left out: python3-${module} is not installed)`)

/** What a script prints as JSON; it gets `args` as `sys.argv[1:]`. */
export const python = (script: string, ...args: readonly string[]): unknown =>
  JSON.parse(execFileSync('python3', ['-c', `import sys, json\n${script}`, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 }))
