import type { Command } from './call.js'

/** An operand of a command: `<config>`, `[task...]`. */
export interface OperandDescription {
  readonly syntax: string
  readonly about: string
  /** What a shell offers for it. */
  readonly completes?: 'config' | 'task' | 'folder'
  /** What a shell offers for it, word by word. */
  readonly choices?: readonly string[]
}

/** An option of a command. */
export interface OptionDescription {
  readonly flags: string
  readonly about: string
  /** The only values it takes. */
  readonly choices?: readonly string[]
  readonly repeatable?: boolean
  readonly whole?: 'number'
  readonly completes?: 'file' | 'task' | 'folder'
}

/** A command as help, parser and shell completion see it; its code is only loaded when it is called. */
export interface CommandDescription {
  readonly name: string
  readonly about: string
  readonly operands: readonly OperandDescription[]
  /** What help shows for the operands, where the parser takes them as one list. */
  readonly usage?: string
  readonly options: readonly OptionDescription[]
  readonly examples: readonly string[]
  readonly hidden?: boolean
  /** Takes everything after its name as it is. */
  readonly verbatim?: boolean
  readonly load: () => Promise<Command>
}

export const config: OperandDescription = {
  syntax: '<config>',
  about: 'a config: a path, with or without its extension, `#part` for a part of it',
  completes: 'config',
}
export const task: OperandDescription = {
  syntax: '<task>',
  about: 'a task: `name`, `group:name` or `namespace::group:name`',
  completes: 'task',
}

/** Options that every command takes, before or after its name. */
export const commonOptions: readonly OptionDescription[] = [
  {
    flags: '--project <file>',
    about: 'the project; default: the taskchain.config.{ts,mts,js,mjs} in this folder or above',
    completes: 'file',
  },
  { flags: '--store <dir>', about: "where results are kept; default: the project's store", completes: 'folder' },
  {
    flags: '--context <file>',
    about: 'values laid over the config (repeatable, later wins)',
    repeatable: true,
    completes: 'file',
  },
  {
    flags: '--set <name=value>',
    about: 'one value laid over everything, as YAML; a.b reaches into a value (repeatable, later wins)',
    repeatable: true,
  },
  { flags: '--json', about: 'output for programs' },
  {
    flags: '--log-level <level>',
    about: "how much of the tasks' logs is shown",
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
  },
  { flags: '--no-color', about: 'no colours; also without a terminal or with NO_COLOR set' },
]
