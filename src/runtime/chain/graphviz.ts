/** The part of Graphviz that we use. */
interface Graphviz {
  renderString(dot: string, options: { readonly format: string }): string
}

/** Graphviz, compiled to WebAssembly; rejects if its package is not installed. */
export const graphviz = async (): Promise<Graphviz> => (await import('@viz-js/viz')).instance()
