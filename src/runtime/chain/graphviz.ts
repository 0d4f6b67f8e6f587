/** Graphviz, as far as we use it. */
interface Graphviz {
  renderString(dot: string, options: { readonly format: string }): string
}

/** Graphviz, compiled to WebAssembly; rejects where its package is not installed. */
export const graphviz = async (): Promise<Graphviz> => (await import('@viz-js/viz')).instance()
