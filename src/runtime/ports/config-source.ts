/** Where config texts come from. Origins are relative to the project's root, with `/`. */
export interface ConfigSource {
  /** Text of a config; undefined where there is none. */
  read(origin: string): Promise<string | undefined>
  /** Configs below a folder, for suggestions and for `openChains(folder)`. */
  list(folder: string): Promise<readonly string[]>
  /** Told of the files, folders and patterns whose digests planning takes; see `readFileRequest`. */
  digested?(requests: readonly string[]): void
}
