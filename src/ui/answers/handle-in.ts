import type { Chain, TaskHandle } from '../../runtime/chain/chain-types.js'

/** The handle of a node by full name. Throws if there is none. */
export const handleIn = (chain: Chain, node: string): TaskHandle => chain.task(node)
