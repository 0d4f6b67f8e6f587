import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { originOfConfig } from '../../adapters/project/find-config.js'
import { loadProject, type LoadedProject } from '../../adapters/project/project-file.js'
import { endWithParent } from '../../base/threads/end-with-parent.js'
import { isObject } from '../../base/records.js'
import { messageOf } from '../../base/thrown.js'
import type { AnyError } from '../../errors.js'
import { explain } from '../../explain.js'
import { framesOf } from '../../explain/frames.js'
import { setValues } from '../../inspect/set-values.js'
import { makeChecker } from './checker.js'
import type { LaidOver } from './laid-over.js'
import { configTexts } from './config-texts.js'
import { watchModules } from './loaded-modules.js'
import type { FromProject, LoadFailure, ProjectStart, ToProject } from './messages.js'
import { factsOf } from './project-facts.js'
import { viewOf } from './view.js'
import { watchRuns } from './watch-runs.js'

/**
 * The process that loads a project for the language server: its code may be slow, print, hang or crash here, and a new
 * process loads it afresh. What it prints goes to standard error.
 */
const start = async (given: ProjectStart): Promise<void> => {
  const modules = watchModules()
  const waiting: ToProject[] = []
  let hear = (message: ToProject): void => void waiting.push(message)
  process.on('message', (message: ToProject) => hear(message)) // the server belongs to the same package
  let loaded: LoadedProject
  try {
    loaded = await loadProject(dirname(given.file), given.file)
    say({ say: 'loaded', facts: factsOf(loaded, await modules.modules()) })
  } catch (cause) {
    say({ say: 'failed', failure: failureOf(cause, modules.files()) })
    return
  } finally {
    modules.close()
  }
  const laid = laidOver(loaded, given)
  hear = hearing(loaded, laid)
  for (const message of waiting) hear(message)
  await watchRuns(loaded, laid, () => say({ say: 'ran' })).catch(() => undefined) // an unwatchable store is ignored
}

const say = (message: FromProject): void => void process.send?.(message)

const laidOver = ({ root, project }: LoadedProject, given: ProjectStart): LaidOver => ({
  contexts: given.contexts.map((name) =>
    originOfConfig(name, { root, configs: project.configs, workingFolder: given.folder }),
  ),
  set: setValues(given.set),
  store: given.store,
})

const hearing = (loaded: LoadedProject, laid: LaidOver): ((message: ToProject) => void) => {
  const texts = configTexts(loaded.root)
  const checker = makeChecker(loaded, texts, laid)
  return (message) => {
    switch (message.say) {
      case 'open':
        texts.open(message.origin, message.text ?? undefined)
        checker.forget([message.origin])
        break
      case 'changed':
        texts.forget(message.origins ?? undefined)
        checker.forget(message.origins ?? undefined)
        break
      case 'check':
        void checker
          .check()
          .catch(() => undefined)
          .then((found) => say({ say: 'checked', id: message.id, found: found ?? null }))
        break
      case 'view':
        void viewOf(loaded, message.config, texts, laid)
          .catch(() => undefined)
          .then((view) => say({ say: 'viewed', id: message.id, view: view ?? null }))
    }
  }
}

const failureOf = (cause: unknown, modules: readonly string[]): LoadFailure => {
  // errors of a TaskchainError, possibly from another copy of the library
  const [error] = isObject(cause) && Array.isArray(cause['errors']) ? (cause['errors'] as readonly AnyError[]) : []
  const thrown = error !== undefined && 'cause' in error ? error.cause : cause
  const explained = error === undefined ? { code: 'ProjectNotLoaded', message: messageOf(cause) } : explain(error)
  return {
    code: explained.code,
    message: explained.message,
    hint: 'hint' in explained ? explained.hint : undefined,
    at: placeOf(thrown),
    modules,
  }
}

/** Errors of syntax and of imports have their place in the message, others in the stack. */
const placeOf = (thrown: unknown): LoadFailure['at'] => {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const [, importer] = /imported from ['"]?(\/.*?)['"]?$/m.exec(stack) ?? []
  if (importer !== undefined) return { file: importer, line: 1, column: 1 }
  const [, wrong, row = '1', place = '1'] =
    /(?:^|\s|file:\/\/)(\/[^\n:]*\.[cm]?[jt]sx?):(\d+)(?::(\d+):|$)/m.exec(stack) ?? []
  if (wrong !== undefined) return { file: wrong, line: Number(row), column: Number(place) }
  const [, file, line, column] = /^(.*):(\d+):(\d+)$/.exec(framesOf(stack)[0]?.place ?? '') ?? []
  return file === undefined ? undefined : { file, line: Number(line), column: Number(column) }
}

const ignored = (): void => undefined
process.stdout.on('error', ignored) // the reader may be gone
process.stderr.on('error', ignored)
process.on('uncaughtException', (cause) => process.stderr.write(`${messageOf(cause)}\n`))
process.on('unhandledRejection', (cause) => process.stderr.write(`${messageOf(cause)}\n`))
process.on('disconnect', () => process.exit(0))
new Worker(endWithParent(process.ppid), { eval: true, stdout: false }).unref()
process.once('message', (given: ProjectStart) => void start(given))
