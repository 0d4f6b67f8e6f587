/** Values of a run by unit. Nothing else holds them, so that they can be dropped. */
export interface RunValues {
  put(unit: number, value: unknown): void
  get(unit: number): { readonly value: unknown } | undefined
  drop(unit: number): void
}

export const makeRunValues = (): RunValues => {
  const values: ({ readonly value: unknown } | undefined)[] = []
  return {
    put: (unit, value) => void (values[unit] = { value }),
    get: (unit) => values[unit],
    drop: (unit) => void (values[unit] = undefined),
  }
}
