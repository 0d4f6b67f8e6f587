import type { Command } from './call.js'

/** An operand of a command: `<config>`, `[task...]`. */
export interface OperandDescription {
  readonly syntax: string
  readonly about: string
  /** The kind of word that shell completion offers. */
  readonly completes?: 'config' | 'task' | 'folder'
  /** The words that shell completion offers. */
  readonly choices?: readonly string[]
}

/** An option of a command. */
export interface OptionDescription {
  readonly flags: string
  readonly about: string
  /** The only values that it accepts. */
  readonly choices?: readonly string[]
  readonly repeatable?: boolean
  readonly whole?: 'number'
  readonly completes?: 'file' | 'task' | 'folder'
}

/** A command as help, parser and shell completion see it; its code is loaded only when it is called. */
export interface CommandDescription {
  readonly name: string
  readonly about: string
  readonly operands: readonly OperandDescription[]
  /** Operands as help shows them, if the parser takes them as one list. */
  readonly usage?: string
  readonly options: readonly OptionDescription[]
  readonly examples: readonly string[]
  readonly hidden?: boolean
  /** Everything after its name is passed on unparsed. */
  readonly verbatim?: boolean
  readonly load: () => Promise<Command>
}

export const config: OperandDescription = {
  syntax: '<config>',
  about: 'a config: its path, with or without extension; `#part` selects one part of it',
  completes: 'config',
}
export const task: OperandDescription = {
  syntax: '<task>',
  about: 'a task: `name`, `group:name` or `namespace::group:name`',
  completes: 'task',
}

/** Options that every command accepts, before or after its name. */
export const commonOptions: readonly OptionDescription[] = [
  {
    flags: '--project <file>',
    about: 'project file; default: the taskchain.config.{ts,mts,js,mjs} in this folder or above',
    completes: 'file',
  },
  { flags: '--store <dir>', about: "where results are stored; default: the project's store", completes: 'folder' },
  {
    flags: '--context <file>',
    about: 'file of values that override the config (repeatable, later wins)',
    repeatable: true,
    completes: 'file',
  },
  {
    flags: '--set <name=value>',
    about: 'one value that overrides config and contexts, as YAML; a.b sets a field of a value (repeatable)',
    repeatable: true,
  },
  { flags: '--json', about: 'print JSON, for programs' },
  {
    flags: '--log-level <level>',
    about: "lowest level of the tasks' log messages to show",
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
  },
  { flags: '--no-color', about: 'no colours; the default without a terminal or with NO_COLOR set' },
]
