/** What the page shows, as written in the hash of its address: `#/graph?config=a.yaml&node=x`. */
export interface Route {
  readonly view: View
  readonly words: { readonly [name: string]: string }
}

export const views = ['graph', 'configs', 'compare', 'sweep', 'history'] as const
export type View = (typeof views)[number]

/** Any invalid route leads to the graph. */
export const routeOf = (hash: string): Route => {
  const [, name = '', query = ''] = /^#\/(\w*)(?:\?(.*))?$/s.exec(hash) ?? []
  return { view: views.find((view) => view === name) ?? 'graph', words: Object.fromEntries(new URLSearchParams(query)) }
}

export const hashOf = ({ view, words }: Route): string => {
  const query = new URLSearchParams(Object.entries(words).filter(([, word]) => word !== '')).toString()
  return `#/${view}${query === '' ? '' : `?${query}`}`
}

/** With some parameters replaced; undefined ones are removed. */
export const withWords = (route: Route, words: { readonly [name: string]: string | undefined }): Route => ({
  ...route,
  words: Object.fromEntries(
    Object.entries({ ...route.words, ...words }).flatMap(([name, word]) => (word === undefined ? [] : [[name, word]])),
  ),
})
