import type { PreviewQuestion } from '../../ui/addresses.js'

/** What a view of a part needs to ask for another one. */
export interface Part {
  readonly config: string
  readonly node: string
  readonly question: PreviewQuestion
  readonly ask: (question: PreviewQuestion) => void
}
