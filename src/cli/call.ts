import type { ExitCode } from './exit-codes.js'
import type { Host, Paint } from './host.js'

/** Options that every command accepts. */
export interface CommonOptions {
  readonly project: string | undefined
  readonly store: string | undefined
  /** Context files; later ones win. */
  readonly context: readonly string[]
  /** `name=value` as typed; later ones win. */
  readonly set: readonly string[]
  readonly json: boolean
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined
}

/** One command as it was called. */
export interface Call {
  readonly host: Host
  readonly common: CommonOptions
  /** Operands by name; a list if the command takes several. */
  readonly operands: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The command's own options by name in camel case. */
  readonly options: Readonly<Record<string, unknown>>
  /** Colours for the output, and for errors and warnings. */
  readonly paint: { readonly out: Paint; readonly err: Paint }
}

/** What a command's file exports. Rejects with `TaskchainError` for errors that the user can fix. */
export type Command = (call: Call) => Promise<ExitCode>

/** A text from the command line, if one is given. */
export const textIn = (given: unknown): string | undefined => (typeof given === 'string' ? given : undefined)
/** Texts from the command line; an empty list if none are given. */
export const textsIn = (given: unknown): readonly string[] => (Array.isArray(given) ? given.map(String) : [])

/** A required operand; commander has checked that it is present. */
export const operand = (call: Call, name: string): string => String(call.operands[name])
/** An optional operand. */
export const optionalOperand = (call: Call, name: string): string | undefined => textIn(call.operands[name])
/** An operand that takes any number of values. */
export const operandList = (call: Call, name: string): readonly string[] => textsIn(call.operands[name])

/** An option that takes a text. */
export const textOption = (call: Call, name: string): string | undefined => textIn(call.options[name])
/** An option that may be given several times. */
export const listOption = (call: Call, name: string): readonly string[] => textsIn(call.options[name])
/** An option that takes a whole number, already parsed by commander. */
export const numberOption = (call: Call, name: string): number | undefined => {
  const given = call.options[name]
  return typeof given === 'number' ? given : undefined
}

/** Prints lines. */
export const print = (call: Call, lines: readonly string[]): void => {
  if (lines.length > 0) call.host.out.write(`${lines.join('\n')}\n`)
}
/** Prints lines for people to standard error: warnings, errors, hints. */
export const printBeside = (call: Call, lines: readonly string[]): void => {
  if (lines.length > 0) call.host.err.write(`${lines.join('\n')}\n`)
}

/** The terminal's width; undefined for a pipe, which has no limit. */
export const widthOf = (call: Call): number | undefined =>
  call.host.out.isTerminal ? call.host.out.size().columns : undefined
