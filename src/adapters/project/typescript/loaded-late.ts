import { createRequire } from 'node:module'

/** Packages that a command does not need if all files of its project are in the cache: loaded on demand. */

const load = createRequire(import.meta.url)

/** `require` returns any: each package is cast to its own types. */
type Acorn = typeof import('acorn')
type GetTsconfig = typeof import('get-tsconfig')
type Swc = typeof import('@swc/wasm-typescript')

export const acorn = (): Acorn => load('acorn') as Acorn

export const getTsconfig = (): GetTsconfig => load('get-tsconfig') as GetTsconfig

/** Four megabytes of WebAssembly. */
export const swc = (): Swc => load('@swc/wasm-typescript') as Swc
