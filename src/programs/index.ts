/** `taskchain/programs`: tasks that other programs compute. */
export { command, writtenAs, type ProgramArgs } from './command.js'
export type {
  CommandSpec,
  ProgramFiles,
  ProgramGiven,
  ProgramInputs,
  ProgramOptions,
  Progress,
  WrittenAs,
} from './command-types.js'
export { ProgramFailed } from './program-failed.js'
