import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../base/package-root.js'
import { userInfo } from 'node:os'
import { fieldOf } from '../../base/records.js'

/** The record stored next to an artifact: to YAML and back, and the small facts that it contains. */
export { emitRunInfo } from './emit-yaml.js'
export { contextIn, keyIn, quickData, quickFacts, quickLineage, runInfoProblem, type DataFacts } from './quick-facts.js'
export { parseRunInfo } from './read-run-info.js'
export type { RunInfo } from './run-info-types.js'

/** `2026-11-22 11:34:01.520`, UTC. */
export const formatTime = (milliseconds: number): string => {
  const second = Math.floor(milliseconds / 1000)
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toISOString().slice(0, -4).replace('T', ' ')
    lastSecond = second
  }
  return lastText + String(Math.floor(milliseconds) - second * 1000).padStart(3, '0')
}

/** The text of a second is formatted once, including its point. */
let lastText = ''
let lastSecond = NaN

let version: string | undefined

/** Version of this library, from its package.json; read once. `unknown` if that cannot be read. */
export const libraryVersion = (): string => {
  if (version !== undefined) return version
  try {
    const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8')
    version = String(fieldOf(JSON.parse(text), 'version'))
  } catch {
    version = 'unknown'
  }
  return version
}

let user: string | undefined
/** Some containers have no user name for the process. */
export const userName = (): string => {
  if (user !== undefined) return user
  try {
    user = userInfo().username
  } catch {
    user = String(process.getuid?.() ?? 'unknown')
  }
  return user
}
