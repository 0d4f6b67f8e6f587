/**
 * A program that did not do what its task required. Across threads, recognise it by its name.
 *
 * @example
 * const codeOf = (cause: unknown): number | null | undefined =>
 *   cause instanceof ProgramFailed ? cause.code : undefined
 */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed'
  readonly program: string
  /** Its exit code; null if a signal ended it, undefined if it did not start or ended with code 0. */
  readonly code: number | null | undefined
  /** The signal that ended it, if any. */
  readonly signal: string | null
  /** The last lines that it wrote to stderr, or else to stdout. */
  readonly lastLines: readonly string[]
  constructor(
    problem: string,
    parts: {
      readonly program: string
      readonly code?: number | null
      readonly signal?: string | null
      readonly lastLines?: readonly string[]
      readonly cause?: unknown
    },
  ) {
    const { lastLines = [] } = parts
    const ending = lastLines.length === 0 ? '' : `; its last lines:\n${lastLines.map((line) => `  ${line}`).join('\n')}`
    super(`${problem}${ending}`, parts.cause === undefined ? undefined : { cause: parts.cause })
    this.program = parts.program
    this.code = parts.code
    this.signal = parts.signal ?? null
    this.lastLines = lastLines
  }
}

/** Why a program could not be started, as an error. */
export const notStarted = (program: string, path: string | undefined, cause: unknown): ProgramFailed => {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  const where = program.includes('/') ? '' : ` in PATH (${path ?? 'not set'})`
  const problems: Readonly<Record<string, string>> = {
    ENOENT: `the program '${program}' is not there${where}, or the interpreter in its first line is not`,
    EACCES: `'${program}' is not executable: 'chmod +x' makes it so`,
    E2BIG: `the arguments of '${program}' are longer than the system allows: pass the path of a file instead`,
  }
  const other = `'${program}' cannot be started: ${cause instanceof Error ? cause.message : String(cause)}`
  return new ProgramFailed(problems[String(code)] ?? other, { program })
}
