import { createRequire } from 'node:module'
import type * as Yaml from 'yaml'
import type { Alias, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'

const require = createRequire(import.meta.url)
let library: typeof Yaml | undefined

/** The package `yaml`, loaded on first use: loading takes 40 ms, and most configs are read without it. */
export const yamlLibrary = (): typeof Yaml => (library ??= require('yaml') as typeof Yaml)

export const isAlias = (node: unknown): node is Alias => yamlLibrary().isAlias(node)
export const isMap = (node: unknown): node is YAMLMap => yamlLibrary().isMap(node)
export const isPair = (node: unknown): node is Pair => yamlLibrary().isPair(node)
export const isScalar = (node: unknown): node is Scalar => yamlLibrary().isScalar(node)
export const isSeq = (node: unknown): node is YAMLSeq => yamlLibrary().isSeq(node)
