#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exitCodes, exitCodeWithOutput, type ExitCode } from './exit-codes.js'
import { processHost, type Host } from './host.js'
import { fieldOf } from '../base/records.js'

/** The command `taskchain`. Everything heavy is imported only when it is needed. */
const versionOf = (): string =>
  String(fieldOf(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')), 'version'))

/**
 * The help of the whole command, which the build writes in the widths that are asked for most, since loading the
 * parser takes longer than all else here. Undefined for other words, other widths and a program that is not built.
 */
const writtenHelp = (words: readonly string[], { out }: Host): string | undefined => {
  if (words.length > 1 || !['--help', '-h'].includes(words[0] ?? '--help')) return undefined
  const text = new URL(`help-${Math.min(out.size().columns, 120)}.txt`, import.meta.url)
  return existsSync(text) ? readFileSync(text, 'utf8') : undefined
}

/**
 * Node 22 and later cache compiled code, next to the packages that this one is installed with, which starts a command
 * 40 ms sooner. If that place is not writable, nothing is cached.
 */
const keepCompiled = (): void => {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
  const packages = basename(dirname(root)) === 'node_modules' ? dirname(root) : join(root, 'node_modules')
  const { enableCompileCache } = nodeModule as { readonly enableCompileCache?: (folder: string) => unknown }
  if (existsSync(packages)) enableCompileCache?.(join(packages, '.cache', 'taskchain', 'compiled'))
}

const codeOf = async (words: readonly string[], host: Host): Promise<ExitCode> => {
  const isVersion = words.length === 1 && (words[0] === '--version' || words[0] === '-V')
  const text = isVersion ? `${versionOf()}\n` : writtenHelp(words, host)
  if (text === undefined) {
    keepCompiled()
    return (await import('./program.js')).runCommandLine(words, host, versionOf())
  }
  host.out.write(text)
  return exitCodes.done
}

const words = process.argv.slice(2)
const host = processHost(words.includes('--json') || words[0] === 'complete')
const code = await codeOf(words, host)
process.exitCode = code
await host.out.drained()
const lost = host.out.lost()
if (lost !== undefined && lost.code !== 'EPIPE')
  host.err.write(`error: the output could not be written: ${lost.message}\n`)
await host.err.drained()
// a socket or timer that a task left open must not keep the process alive; our own output is flushed and closed
process.exit(exitCodeWithOutput(code, lost !== undefined || host.err.lost() !== undefined))
