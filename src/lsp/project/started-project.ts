import { fork, type ChildProcess } from 'node:child_process'
import { ownModule } from '../../base/package-root.js'
import type { CheckFacts, ConfigView, ProjectFacts } from '../facts.js'
import type { FromProject, LoadFailure, ProjectStart, ToProject } from './messages.js'

/** A project in a separate process. */
export interface StartedProject {
  readonly open: (origin: string, text: string | undefined) => void
  readonly changed: (origins: readonly string[] | undefined) => void
  /** Undefined if something has changed in the meantime, or the process has ended. */
  readonly check: () => Promise<CheckFacts | undefined>
  readonly view: (config: string) => Promise<ConfigView | undefined>
  readonly stop: () => void
}

export interface ProjectListener {
  readonly loaded: (facts: ProjectFacts) => void
  readonly failed: (failure: LoadFailure) => void
  /** A run has begun or ended. */
  readonly ran: () => void
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts the process; `listener` is notified once of the result of loading, and again if the process dies. */
export const startProject = (given: ProjectStart, listener: ProjectListener): StartedProject => {
  // output of the project must not mix with the messages of the protocol
  const child = fork(ownModule('lsp/project/process'), [], { stdio: ['ignore', 2, 2, 'ipc'], execArgv: [] })
  running.add(child)
  let next = 0
  let stopped = false
  const asked = new Map<number, (answer: unknown) => void>()
  const tell = (message: ToProject | ProjectStart): void => {
    if (child.connected) child.send(message, () => undefined)
  }
  const ask = <Answer>(make: (id: number) => ToProject): Promise<Answer | undefined> =>
    new Promise((resolve) => {
      const id = next++
      // the answer to a question is of its kind
      asked.set(id, (answer) => resolve((answer ?? undefined) as Answer | undefined))
      if (child.connected) tell(make(id))
      else resolve(undefined)
    })
  const answered = (id: number, answer: unknown): void => {
    asked.get(id)?.(answer)
    asked.delete(id)
  }
  const ended = (): void => {
    running.delete(child)
    for (const id of asked.keys()) answered(id, undefined)
  }
  child.on('message', (message: FromProject) => {
    if (message.say === 'loaded') listener.loaded(message.facts)
    else if (message.say === 'failed') listener.failed(message.failure)
    else if (message.say === 'ran') listener.ran()
    else answered(message.id, message.say === 'checked' ? message.found : message.view)
  })
  child.on('error', ended)
  child.on('exit', (code, signal) => {
    ended()
    if (!stopped) listener.failed(diedOf(given.file, signal ?? `exit code ${code}`))
  })
  tell(given)
  return {
    open: (origin, text) => tell({ say: 'open', origin, text: text ?? null }),
    changed: (origins) => tell({ say: 'changed', origins: origins ?? null }),
    check: () => ask<CheckFacts>((id) => ({ say: 'check', id })),
    view: (config) => ask<ConfigView>((id) => ({ say: 'view', id, config })),
    stop: () => {
      stopped = true
      child.kill('SIGKILL')
      ended()
    },
  }
}

const diedOf = (file: string, how: string): LoadFailure => ({
  code: 'ProjectNotLoaded',
  message: `the process that loads the project ended (${how})`,
  hint: 'does a module of the project call process.exit? It is retried when a file changes',
  at: { file, line: 1, column: 1 },
  modules: [],
})
