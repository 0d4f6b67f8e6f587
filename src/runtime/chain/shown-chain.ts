import { mediaOfTable, type MediaBundle } from '../../base/notebook.js'
import { shownPlan } from '../../plan/inspect/shown-plan.js'
import type { Chain } from './chain-types.js'
import { graphviz } from './graphviz.js'

/** Largest number of nodes drawn in a notebook: a larger picture is unreadable there. */
const maxDrawn = 150

/** A chain in a notebook: its tasks and their states, and a drawing if Graphviz is installed. */
export const mediaOfChain = async (chain: Chain): Promise<MediaBundle> => {
  const { plan } = chain
  // a store that cannot be read is no reason to show nothing
  const states = await chain.states().catch(() => undefined)
  const media = mediaOfTable(
    shownPlan(plan, states === undefined ? {} : { state: ({ id }) => (states.get(id) ?? '').replace('_', ' ') }),
  )
  if (states === undefined || plan.nodes.length > maxDrawn) return media
  const drawer = await graphviz().catch(() => undefined)
  if (drawer === undefined) return media
  const svg = drawer.renderString(await chain.draw('dot'), { format: 'svg' })
  // as an image: nothing in it can run
  const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
  return { ...media, 'text/html': `<img alt="drawing of the chain" src="${source}">\n${media['text/html']}` }
}
