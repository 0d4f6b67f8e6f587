#!/usr/bin/env node
import { readFileSync } from 'node:fs'

/** The command `taskchain`. Everything heavy is imported only when it is needed. */
const version = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string }).version

const main = async (words: readonly string[]): Promise<void> => {
  const [{ processHost }, { runCommandLine }] = await Promise.all([import('./host.js'), import('./program.js')])
  const host = processHost()
  const code = await runCommandLine(words, host, version)
  process.exitCode = code
  await Promise.all([host.out.drained(), host.err.drained()])
  // what a task left open (a socket, a timer) must not keep a command from ending; everything of ours is out and closed
  process.exit(code)
}

const words = process.argv.slice(2)
if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) process.stdout.write(`${version}\n`)
else await main(words)
