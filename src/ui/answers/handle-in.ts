import type { Chain, TaskHandle } from '../../runtime/chain/chain-types.js'

/** The handle of a node that is asked for by its full name. Throws where there is none. */
export const handleIn = (chain: Chain, node: string): TaskHandle => chain.task(node)
