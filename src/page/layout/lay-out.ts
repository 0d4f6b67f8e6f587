import { boxesApart } from './boxes.js'
import { byDagre } from './dagre-layout.js'
import type { LayoutAnswer, LayoutRequest } from './layout-types.js'
import { engineFor, lookAtRequest } from './look.js'

/** Places items and boxes with the engine that suits the graph. */
export const layOut = (request: LayoutRequest): LayoutAnswer =>
  engineFor(lookAtRequest(request)) === 'dagre' ? byDagre(request) : boxesApart(request)
