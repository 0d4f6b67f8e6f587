/**
 * The contract between the page of `taskchain ui` and its server: plain data, types only, so that the page imports it
 * without Node. `addresses.ts` has the URL of each answer; a report embeds the same answers.
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
