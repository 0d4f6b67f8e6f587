/**
 * What the page of `taskchain ui` asks of its server, and gets: plain data, types alone, so that the page imports them
 * without anything of Node. `addresses.ts` says under which URL each answer is; a report has the same answers in it.
 *
 * Names, values, log lines and file names are data from outside: text, never markup.
 */
export type * from './contract/project.js'
export type * from './contract/chain.js'
export type * from './contract/node.js'
export type * from './contract/preview.js'
export type * from './contract/compare.js'
export type * from './contract/metrics.js'
export type * from './contract/history.js'
export type * from './contract/actions.js'
export type * from './contract/events.js'
export type * from './contract/embedded.js'
