import type { CommandDescription } from './command-description.js'
import * as chain from './descriptions/chain.js'
import * as project from './descriptions/project.js'
import * as queue from './descriptions/queue.js'
import * as store from './descriptions/store.js'

/** All commands, in the order of the help text. */
export const commands: readonly CommandDescription[] = [
  project.init,
  chain.plan,
  chain.run,
  chain.tasks,
  chain.show,
  chain.exported,
  chain.info,
  chain.log,
  chain.force,
  chain.link,
  chain.draw,
  chain.why,
  chain.diff,
  chain.bless,
  project.check,
  chain.sweep,
  queue.worker,
  store.items,
  store.runs,
  store.push,
  store.pull,
  store.gc,
  store.verify,
  project.ui,
  project.report,
  project.schema,
  project.lsp,
  project.mcp,
  project.completion,
  project.complete,
]
