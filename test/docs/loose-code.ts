/** What stands above blocks of TypeScript that are parts of a program, so that they compile: names by page. */
export const preludes: Readonly<Record<string, string>> = {
  'queue.md': '',
  'workers.md': '',
  'sweep.md': `
    import * as t from 'io-ts'
    import { defineTask, type Project } from 'taskchain'
    declare const project: Project
    const testMetrics = defineTask({ data: t.type({ RMSE: t.number }) }).run(() => ({ RMSE: 1 }))`,
  'items.md': `
    import * as t from 'io-ts'
    import type { MapItems } from 'taskchain/types'
    const Answer = t.type({ text: t.string })
    declare const ask: (question: string) => Promise<t.TypeOf<typeof Answer>>
    declare const fetchPage: (page: number) => Promise<t.TypeOf<typeof Answer>>
    declare const mapItems: MapItems
    declare const texts: readonly string[]
    declare const questions: readonly string[]
    declare const languageOf: (text: string) => string
    declare const embed: (
      texts: readonly string[],
      options: { readonly signal: AbortSignal },
    ) => Promise<{ readonly data: readonly { readonly embedding: readonly number[] }[]; readonly total_tokens: number }>
    declare const requestOf: (question: string) => object
    declare const stateOf: (batch: object) => 'running' | 'ended' | 'failed'
    interface Line { readonly custom_id: string; readonly text: string; readonly cost: number }
    declare const client: {
      createBatch(lines: readonly string[], more: object): Promise<{ readonly id: string }>
      listBatches(): Promise<readonly { readonly id: string; readonly metadata: { readonly taskchain: string } }[]>
      batch(id: string): Promise<object>
      results(id: string): Promise<readonly Line[]>
      cancel(id: string): Promise<void>
    }`,
}

/** What stands above a block: that of its page, but for a block that imports what the page's others lack. */
export const preludeOf = (page: string, text: string): string =>
  text.includes('onThreads<')
    ? `
    import * as t from 'io-ts'
    import { defineTask } from 'taskchain'
    const texts = defineTask({ data: t.array(t.string) }).run(() => ['a'])`
    : (preludes[page] ?? '')

/** Modules that blocks import, beside them. */
export const modules: Readonly<Record<string, string>> = {
  'loose/package.json': '{ "type": "module" }',
  'loose/features.ts': 'export const featuresOf = (text: string): number[] => [text.length]\n',
}
