import { createRequire } from 'node:module'

/** Packages that a command has no use for where all files of its project are in the cache: loaded when one is not. */

const load = createRequire(import.meta.url)

/** As the packages' own types say; `require` knows none. */
type Acorn = typeof import('acorn')
type GetTsconfig = typeof import('get-tsconfig')
type Swc = typeof import('@swc/wasm-typescript')

export const acorn = (): Acorn => load('acorn') as Acorn

export const getTsconfig = (): GetTsconfig => load('get-tsconfig') as GetTsconfig

/** Four megabytes of WebAssembly. */
export const swc = (): Swc => load('@swc/wasm-typescript') as Swc
