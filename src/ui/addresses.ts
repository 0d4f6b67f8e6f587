import type { AbortAnswer, AbortRequest, AskAnswer, AskRequest, ForceAnswer, ForceRequest } from './contract/actions.js'
import type { StartAnswer, StartRequest } from './contract/actions.js'
import type { ChainAnswer, StatesAnswer } from './contract/chain.js'
import type { CompareAnswer } from './contract/compare.js'
import type { RunAnswer, RunMetricsAnswer, RunsAnswer } from './contract/history.js'
import type { MetricsAnswer } from './contract/metrics.js'
import type { LogAnswer, LogName, NodeAnswer } from './contract/node.js'
import type { PreviewAnswer } from './contract/preview.js'
import type { OverviewAnswer, ProjectAnswer } from './contract/project.js'

/** Under which URL each answer is. No code but `addressOf`, nothing of Node: the page imports this file. */

interface OfNode {
  readonly config: string
  /** Full name. */
  readonly node: string
}

/** What is asked for by GET, and what comes. Nothing of it computes or changes anything. */
export interface Questions {
  readonly project: { readonly asked: object; readonly answer: ProjectAnswer }
  readonly overview: { readonly asked: object; readonly answer: OverviewAnswer }
  readonly chain: { readonly asked: { readonly config: string }; readonly answer: ChainAnswer }
  readonly states: { readonly asked: { readonly config: string }; readonly answer: StatesAnswer }
  readonly node: { readonly asked: OfNode; readonly answer: NodeAnswer }
  readonly preview: { readonly asked: OfNode & PreviewQuestion; readonly answer: PreviewAnswer }
  /** The last `limit` bytes where `offset` is left out. */
  readonly log: {
    readonly asked: OfNode & { readonly which: LogName; readonly offset?: number; readonly limit?: number }
    readonly answer: LogAnswer
  }
  /** Bytes of a picture: of a figure by `view`, of a folder by `path`. */
  readonly file: {
    readonly asked: OfNode & { readonly view?: 'svg' | 'png'; readonly path?: string }
    readonly answer: never
  }
  readonly compare: {
    readonly asked: { readonly before: string; readonly after: string }
    readonly answer: CompareAnswer
  }
  readonly metrics: { readonly asked: MetricsQuestion; readonly answer: MetricsAnswer }
  readonly runs: {
    readonly asked: { readonly offset?: number; readonly limit?: number; readonly config?: string }
    readonly answer: RunsAnswer
  }
  readonly run: { readonly asked: { readonly id: string }; readonly answer: RunAnswer }
  readonly 'runs-diff': {
    readonly asked: { readonly before: string; readonly after: string }
    readonly answer: CompareAnswer
  }
  readonly 'runs-metrics': {
    readonly asked: { readonly config: string; readonly limit?: number }
    readonly answer: RunMetricsAnswer
  }
  /** Server-sent events; see `contract/events.ts`. */
  readonly events: { readonly asked: object; readonly answer: never }
}

/** Which part of a value is to be seen; each format takes some of these, and passes over the others. */
export interface PreviewQuestion {
  /** Tables, lines, items: the first row; at most 500 are given, 100 where `limit` is left out. */
  readonly offset?: number
  readonly limit?: number
  readonly columnsFrom?: number
  /** At most 200, which is also the default. */
  readonly columnsLimit?: number
  /** 1: summaries of the columns shown, which reads them. */
  readonly summary?: 1
  /** Array, dataset or item set. */
  readonly name?: string
  /** Indexes of leading dimensions: `1,0`. */
  readonly slice?: string
  /** File of a folder. */
  readonly path?: string
}

/** With `set` (`name=a,b,c`, several) the rows are the combinations of one config; else the configs named, or all. */
export interface MetricsQuestion {
  readonly config?: readonly string[]
  readonly set?: readonly string[]
  /** Full or short names of tasks; left out: every JSON result with numbers in it. */
  readonly task?: readonly string[]
  readonly offset?: number
  /** At most 1,000, which is also the default. */
  readonly limit?: number
  /** Columns by id; left out: the first 50. */
  readonly column?: readonly string[]
}

/** What is done by POST, with a body, and what comes. */
export interface Actions {
  readonly ask: { readonly asked: AskRequest; readonly answer: AskAnswer }
  readonly start: { readonly asked: StartRequest; readonly answer: StartAnswer }
  readonly force: { readonly asked: ForceRequest; readonly answer: ForceAnswer }
  readonly abort: { readonly asked: AbortRequest; readonly answer: AbortAnswer }
  /** Exchanges the token (`authorization: Bearer …`) for a cookie, which pictures and events need. */
  readonly session: { readonly asked: object; readonly answer: { readonly schema: 1 } }
}

type Asked = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** The address of a question: names in code unit order, so that one question has one address. */
export const addressOf = <Name extends keyof Questions>(name: Name, asked: Questions[Name]['asked']): string => {
  const words = Object.entries(asked as Asked) // the fields of all questions are such
    .flatMap(([field, value]) =>
      value === undefined ? [] : (typeof value === 'object' ? value : [value]).map((one) => [field, one] as const),
    )
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([field, one]) => `${field}=${encodeURIComponent(one)}`)
  return `/api/${name}${words.length === 0 ? '' : `?${words.join('&')}`}`
}

/** The address of an action. */
export const actionAddress = (name: keyof Actions): string => `/api/${name}`
