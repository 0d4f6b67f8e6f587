/** The source of config texts. Origins are relative to the project's root, with `/`. */
export interface ConfigSource {
  /** Text of a config; undefined if there is none. */
  read(origin: string): Promise<string | undefined>
  /** Configs below a folder, for suggestions and for `openChains(folder)`. */
  list(folder: string): Promise<readonly string[]>
  /** Called with the files, folders and patterns that planning computes digests of; see `readFileRequest`. */
  digested?(requests: readonly string[]): void
}
