import { layOut } from './lay-out.js'
import type { LayoutRequest } from './layout-types.js'

/** Lays out beside the page's thread: a request with a number in, the answer with that number out. */
self.onmessage = ({ data }: MessageEvent<{ readonly number: number; readonly request: LayoutRequest }>): void => {
  self.postMessage({ number: data.number, answer: layOut(data.request) })
}
