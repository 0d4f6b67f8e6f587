import type { PreviewQuestion } from '../../ui/addresses.js'

/** What the view of a part needs to request another part. */
export interface Part {
  readonly config: string
  readonly node: string
  readonly question: PreviewQuestion
  readonly ask: (question: PreviewQuestion) => void
}
