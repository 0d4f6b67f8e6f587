import { layOut } from './lay-out.js'
import type { LayoutRequest } from './layout-types.js'

/** Lays out off the page's thread: receives numbered requests, answers with the same number. */
self.onmessage = ({ data }: MessageEvent<{ readonly number: number; readonly request: LayoutRequest }>): void => {
  self.postMessage({ number: data.number, answer: layOut(data.request) })
}
