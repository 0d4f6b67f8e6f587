import type { Json } from './words.js'

/**
 * What a report has in `<script type="application/json" id="taskchain-embedded">`. Where the page finds it, it asks no
 * server: `answers` has the answer of each request by its address (`addressOf` of `addresses.ts`), `files` the pictures
 * behind `file` addresses as `data:` URLs. What is in neither was left out: `left` says what, and why.
 */
export interface Embedded {
  readonly schema: 1
  readonly config: string
  readonly answers: { readonly [address: string]: Json }
  readonly files: { readonly [address: string]: string }
  /** Metrics over time as pictures, by their position among the series of `runs-metrics`. */
  readonly plots: { readonly [series: string]: string }
  readonly left: readonly { readonly node: string; readonly size: number; readonly reason: string }[]
}
