#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { exitCodes, exitCodeWithOutput, type ExitCode } from './exit-codes.js'
import { processHost, type Host } from './host.js'
import { fieldOf } from '../base/records.js'

/** The command `taskchain`. Everything heavy is imported only when it is needed. */
const version = String(
  fieldOf(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')), 'version'),
)

const codeOf = async (words: readonly string[], host: Host): Promise<ExitCode> => {
  if (words.length !== 1 || (words[0] !== '--version' && words[0] !== '-V'))
    return (await import('./program.js')).runCommandLine(words, host, version)
  host.out.write(`${version}\n`)
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
// what a task left open (a socket, a timer) must not keep a command from ending; everything of ours is out and closed
process.exit(exitCodeWithOutput(code, lost !== undefined || host.err.lost() !== undefined))
