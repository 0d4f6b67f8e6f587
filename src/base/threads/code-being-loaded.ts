/** Files whose code is being loaded in this process. */
const loading = new Set<string>()

/** Notes during `load` that the code of a file is being loaded, which may end the process. */
export const whileLoading = async <Value>(file: string, load: () => Promise<Value>): Promise<Value> => {
  loading.add(file)
  try {
    return await load()
  } finally {
    loading.delete(file)
  }
}

/** The first file whose code is being loaded; undefined if none is. */
export const codeBeingLoaded = (): string | undefined => [...loading][0]
