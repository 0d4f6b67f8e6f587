// One folder for each error of running: a chain in `case.ts`, the sentences it must give in `error.txt`. UPDATE=1 rewrites them.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { fileStore } from '../src/adapters/file-store/file-store.js'
import type { Modules } from '../src/declare/project.js'
import { TaskchainError, type AnyError, type RunError } from '../src/errors.js'
import { explainAll } from '../src/explain.js'
import type { Session } from '../src/runtime/session/session.js'
import { open } from './runtime/fixture.js'
import type { Opened } from './runtime/fixture.js'
import type { PlanOfSpec } from '../src/testing/plan-of.js'

/** What a `case.ts` exports. */
export interface RunCase {
  readonly pipelines: Modules
  readonly spec?: Omit<PlanOfSpec, 'tasks'>
  readonly options?: {
    readonly noRepair?: boolean
    readonly checkMutation?: boolean
    readonly digests?: Session['digests']
  }
  /** Puts something into the store's folder first; `again` opens the same chain. */
  readonly prepare?: (store: string, again: () => Opened) => void | Promise<void>
  /** What is asked; by default every kept node is run. */
  readonly ask?: (chain: Opened['chain']) => Promise<unknown>
  /** Looks at the folder afterwards: nothing that was on disk may be lost. */
  readonly after?: (store: string) => void
}

const folder = join(import.meta.dirname, 'run-cases')
const scratch = mkdtempSync(join(tmpdir(), 'taskchain-cases-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Every tag of RunError; the compiler keeps it complete. */
const tags: Record<RunError['_tag'], true> = {
  TaskFailed: true,
  TimedOut: true,
  StillRunning: true,
  WrongResult: true,
  WrongInput: true,
  InputChanged: true,
  FileChanged: true,
  SecretNotSet: true,
  ObjectNotMade: true,
  NotComputed: true,
  ArtifactUnreadable: true,
  ArtifactNotSaved: true,
  StoreUnusable: true,
  UnfinishedInput: true,
  Stopped: true,
  NotInChain: true,
  AmbiguousName: true,
  NotInPlanProject: true,
}

describe('an error of running', () => {
  const seen = new Set<string>()
  for (const name of readdirSync(folder)) {
    test(name, async () => {
      const { default: given } = (await import(`./run-cases/${name}/case.ts`)) as { readonly default: RunCase }
      const store = join(scratch, name)
      mkdirSync(store)
      const again = (): Opened => open(given.pipelines, given.spec, { store: fileStore(store), ...given.options })
      await given.prepare?.(store, again)
      const errors = await (async (): Promise<readonly AnyError[]> => {
        try {
          const { chain } = again()
          if (given.ask !== undefined) return (await given.ask(chain), [])
          return (await chain.run()).failed
        } catch (cause) {
          if (cause instanceof TaskchainError) return cause.errors
          throw cause
        }
      })()
      for (const error of errors) seen.add(error._tag)
      const text = `${explainAll(errors)
        .replaceAll(store, '<store>')
        .replaceAll(join(folder, name), '<case>')
        .replaceAll(/[0-9a-f]{32}/g, '<key>')}\n`
      const golden = join(folder, name, 'error.txt')
      if (process.env['UPDATE'] === '1') writeFileSync(golden, text)
      expect(text).toBe(
        existsSync(golden) ? readFileSync(golden, 'utf8') : 'no error.txt: run with UPDATE=1 and read what it says',
      )
      given.after?.(store)
    })
  }

  test('has a case, whatever its tag', () => {
    expect(Object.keys(tags).filter((tag) => !seen.has(tag))).toEqual([])
  })
})
