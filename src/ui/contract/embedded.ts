import type { Json } from './words.js'

/**
 * The data in `<script type="application/json" id="taskchain-embedded">` of a report. If present, the page contacts no
 * server: `answers` has the answer of each request by its address (`addressOf` of `addresses.ts`), `files` has the
 * pictures behind `file` addresses as `data:` URLs. Everything else was left out: `left` says what, and why.
 */
export interface Embedded {
  readonly schema: 1
  readonly config: string
  readonly answers: { readonly [address: string]: Json }
  readonly files: { readonly [address: string]: string }
  /** Plots of metrics over time, by index of the series in `runs-metrics`. */
  readonly plots: { readonly [series: string]: string }
  readonly left: readonly { readonly node: string; readonly size: number; readonly reason: string }[]
}
