// A page of docs whose files are written to a folder.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, remove, root, write } from './fixture.js'

interface Fence {
  readonly language: string
  readonly file: string | undefined
  readonly text: string
}

/** The fenced parts of `docs/<page>`. */
export const fencesOf = (page: string): readonly Fence[] =>
  [
    ...readFileSync(join(root, 'docs', page), 'utf8').matchAll(/^```(\w+)(?: file=(\S+)| compile)?\n([^]*?)^```$/gm),
  ].map(([, language = '', file, text = '']) => ({ language, file, text }))

/** The files of fenced parts, by name. */
export const filesOf = (fences: readonly Fence[]): Readonly<Record<string, string>> =>
  Object.fromEntries(fences.flatMap(({ file, text }) => (file === undefined ? [] : [[file, text]])))

/** Builds, and writes a page's files to a folder for all tests of a file: the folder, and the page's first text of a language. */
export const writtenPage = (page: string) => {
  const fences = fencesOf(page)
  let folder = ''
  beforeAll(() => {
    builtOnce()
    folder = emptyFolder()
    write(folder, { 'package.json': '{ "type": "module" }', ...filesOf(fences) })
  }, 120_000)
  afterAll(() => remove(folder))
  return {
    folder: () => folder,
    textOf: (language: string): string => fences.find((fence) => fence.language === language)?.text ?? 'none',
  }
}
