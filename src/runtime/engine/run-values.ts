/** Values of a run by unit. Nothing else holds them, so that they can be dropped. */
export interface RunValues {
  put(unit: number, value: unknown): void
  get(unit: number): { readonly value: unknown } | undefined
  drop(unit: number): void
}

export const makeRunValues = (): RunValues => {
  const values = new Map<number, { readonly value: unknown }>()
  return {
    put: (unit, value) => void values.set(unit, { value }),
    get: (unit) => values.get(unit),
    drop: (unit) => void values.delete(unit),
  }
}
