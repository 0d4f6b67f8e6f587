import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Copies a store in which something is wrong to a place that stays, and tells where. Others may be writing in it, so
 * what goes away meanwhile is left out. `notes`: what was done to it.
 */
export const keepStore = (root: string, problems: readonly string[], notes: readonly unknown[]): void => {
  const place = mkdtempSync(join(tmpdir(), 'taskchain-chaos-kept-'))
  if (existsSync(root)) spawnSync('cp', ['-a', root, join(place, 'store')], { stdio: 'ignore' })
  const lines = [...problems.map((problem) => ({ problem })), ...notes].map((note) => `${JSON.stringify(note)}\n`)
  writeFileSync(join(place, 'notes.jsonl'), lines.join(''))
  console.log(`       kept: ${place}`)
}
