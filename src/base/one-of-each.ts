/** The first item of each key: nodes of several namespaces may share a result. */
export const oneOfEach = <A>(items: readonly A[], keyOf: (item: A) => string): readonly A[] =>
  [...new Map(items.toReversed().map((item) => [keyOf(item), item])).values()].toReversed()
