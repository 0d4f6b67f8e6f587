import { createRequire } from 'node:module'
import type { TransformOutput } from '@swc/wasm-typescript'
import { swc } from './loaded-late.js'
import { withoutTypeImports } from './type-imports.js'

/** Converts TypeScript to JavaScript for Node: types are blanked, so that all lines and columns stay. */

/** Settings for imports in a project's tsconfig.json. */
export interface StripOptions {
  /** Imports stay as written, including those that only types use. */
  readonly verbatimModuleSyntax: boolean
}

/**
 * The JavaScript of a TypeScript file. Syntax that needs more than blanking (enums, parameter properties) is
 * transformed, with a source map; decorators and JSX are left to `esbuild` or `typescript` if the project has one of
 * them. Throws a `SyntaxError` that names file, line and column.
 *
 * @example stripTypes('const a: number = 1', 'a.ts', { verbatimModuleSyntax: true }) // => 'const a         = 1'
 */
export const stripTypes = (source: string, file: string, options: StripOptions): string => {
  const stripped = attempt(() => swc().transformSync(source, { mode: 'strip-only', filename: file }))
  const plain = stripped.failure === undefined ? javaScriptOf(stripped.output, options) : undefined
  if (plain !== undefined) return plain
  if (stripped.failure?.code === 'UnsupportedSyntax') {
    const transformed = attempt(() =>
      swc().transformSync(source, { mode: 'transform', filename: file, sourceMap: true }),
    )
    const made = transformed.failure === undefined ? javaScriptOf(transformed.output, options) : undefined
    if (made !== undefined) return `${made}\n${sourceMap(transformed.output?.map, file, source)}`
  }
  const compiled = byCompilerOfProject(source, file)
  if (compiled !== undefined) return compiled
  throw syntaxError(file, stripped.failure)
}

interface Failure {
  readonly code?: string
  readonly message?: string
  readonly startLine?: number
  readonly startColumn?: number
}

const attempt = (work: () => TransformOutput): { readonly output?: TransformOutput; readonly failure?: Failure } => {
  try {
    return { output: work() }
  } catch (failure) {
    return { failure: typeof failure === 'object' && failure !== null ? failure : { message: String(failure) } }
  }
}

/** undefined if anything but JavaScript remains: stripping does not reject decorators. */
const javaScriptOf = (output: TransformOutput | undefined, options: StripOptions): string | undefined =>
  output === undefined ? undefined : withoutTypeImports(output.code, options.verbatimModuleSyntax)

const sourceMap = (map: string | undefined, file: string, source: string): string => {
  const named = { ...(JSON.parse(map ?? '{}') as object), sources: [file], sourcesContent: [source] }
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(named)).toString('base64')}`
}

/** The functions of both compilers that are called. */
interface Esbuild {
  readonly transformSync: (
    source: string,
    options: {
      readonly loader: 'ts' | 'tsx'
      readonly sourcefile: string
      readonly sourcemap: 'inline'
      readonly target: 'es2022'
    },
  ) => { readonly code: string }
}
interface TypeScript {
  readonly transpileModule?: (
    source: string,
    options: { readonly fileName: string; readonly compilerOptions: Readonly<Record<string, unknown>> },
  ) => { readonly outputText: string }
}

const byCompilerOfProject = (source: string, file: string): string | undefined => {
  const load = createRequire(file) // the project's compiler, not ours
  try {
    const loader = file.endsWith('x') ? 'tsx' : 'ts'
    return (load('esbuild') as Esbuild).transformSync(source, {
      loader,
      sourcefile: file,
      sourcemap: 'inline',
      target: 'es2022',
    }).code
  } catch {
    // not installed, or it rejects the file as well
  }
  try {
    const compilerOptions = { module: 99, target: 9, jsx: 4, experimentalDecorators: true, inlineSourceMap: true }
    return (load('typescript') as TypeScript).transpileModule?.(source, { fileName: file, compilerOptions }).outputText
  } catch {
    return undefined
  }
}

const syntaxError = (file: string, failure: Failure | undefined): SyntaxError => {
  if (failure === undefined)
    return new SyntaxError(
      `${file}: there is syntax in it that is not only types (a decorator, perhaps): ` +
        'install esbuild in the project, or compile it first',
    )
  const { startLine, startColumn, message } = failure
  const place = startLine === undefined ? file : `${file}:${startLine}:${(startColumn ?? 0) + 1}`
  return new SyntaxError(`${place}: ${message ?? 'it is not TypeScript'}`)
}
