export declare const pages: readonly {
  readonly title: string
  readonly pages: readonly (readonly string[])[]
}[]
