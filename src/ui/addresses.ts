import type { AbortAnswer, AbortRequest, AskAnswer, AskRequest, ForceAnswer, ForceRequest } from './contract/actions.js'
import type { StartAnswer, StartRequest } from './contract/actions.js'
import type { ChainAnswer, StatesAnswer } from './contract/chain.js'
import type { CompareAnswer } from './contract/compare.js'
import type { RunAnswer, RunMetricsAnswer, RunsAnswer } from './contract/history.js'
import type { MetricsAnswer } from './contract/metrics.js'
import type { LogAnswer, LogName, NodeAnswer } from './contract/node.js'
import type { PreviewAnswer } from './contract/preview.js'
import type { OverviewAnswer, ProjectAnswer } from './contract/project.js'

/** The URL of each answer. Code only for addresses, without Node APIs, since the page imports this file. */

interface OfNode {
  readonly config: string
  /** Full name. */
  readonly node: string
}

/** Requests by GET and their answers. None of them computes or changes anything. */
export interface Questions {
  readonly project: { readonly asked: object; readonly answer: ProjectAnswer }
  readonly overview: { readonly asked: object; readonly answer: OverviewAnswer }
  readonly chain: { readonly asked: { readonly config: string }; readonly answer: ChainAnswer }
  readonly states: { readonly asked: { readonly config: string }; readonly answer: StatesAnswer }
  readonly node: { readonly asked: OfNode; readonly answer: NodeAnswer }
  readonly preview: { readonly asked: OfNode & PreviewQuestion; readonly answer: PreviewAnswer }
  /** The last `limit` bytes if `offset` is left out. */
  readonly log: {
    readonly asked: OfNode & { readonly which: LogName; readonly offset?: number; readonly limit?: number }
    readonly answer: LogAnswer
  }
  /** Bytes of a picture: of a figure by `view`, in a folder by `path`. */
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

/** The requested part of a value; each format uses some of these fields and ignores the others. */
export interface PreviewQuestion {
  /** Tables, lines, items: the first row. `limit` is at most 500; default 100. */
  readonly offset?: number
  readonly limit?: number
  readonly columnsFrom?: number
  /** At most 200, the default. */
  readonly columnsLimit?: number
  /** 1: include summaries of the columns shown, which requires reading them. */
  readonly summary?: 1
  /** Array, dataset or item set. */
  readonly name?: string
  /** Indexes of leading dimensions: `1,0`. */
  readonly slice?: string
  /** File of a folder. */
  readonly path?: string
}

/** With `set` (`name=a,b,c`, repeatable) the rows are combinations of one config; else the configs named, or all. */
export interface MetricsQuestion {
  readonly config?: readonly string[]
  readonly set?: readonly string[]
  /** Full or short names of tasks; if left out, every JSON result that contains numbers. */
  readonly task?: readonly string[]
  readonly offset?: number
  /** At most 1,000, the default. */
  readonly limit?: number
  /** Columns by id; if left out, the first 50. */
  readonly column?: readonly string[]
}

/** Actions by POST, with their bodies and answers. */
export interface Actions {
  readonly ask: { readonly asked: AskRequest; readonly answer: AskAnswer }
  readonly start: { readonly asked: StartRequest; readonly answer: StartAnswer }
  readonly force: { readonly asked: ForceRequest; readonly answer: ForceAnswer }
  readonly abort: { readonly asked: AbortRequest; readonly answer: AbortAnswer }
  /** Exchanges the token (`authorization: Bearer …`) for a cookie, which pictures and events need. */
  readonly session: { readonly asked: object; readonly answer: { readonly schema: 1 } }
}

type Asked = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** The address of a question: names are in code unit order, so that equal questions have equal addresses. */
export const addressOf = <Name extends keyof Questions>(name: Name, asked: Questions[Name]['asked']): string => {
  const words = Object.entries(asked as Asked) // all questions have such fields
    .flatMap(([field, value]) =>
      value === undefined ? [] : (typeof value === 'object' ? value : [value]).map((one) => [field, one] as const),
    )
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([field, one]) => `${field}=${encodeURIComponent(one)}`)
  return `/api/${name}${words.length === 0 ? '' : `?${words.join('&')}`}`
}

/** The address of an action. */
export const actionAddress = (name: keyof Actions): string => `/api/${name}`
