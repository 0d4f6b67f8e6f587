/** `taskchain/programs`: tasks that are computed by other programs. */
export { command, writtenAs, type ProgramArgs } from './command.js'
export type {
  CommandSpec,
  FromGiven,
  ProgramFiles,
  ProgramGiven,
  ProgramInputs,
  ProgramOptions,
  Progress,
  WrittenAs,
} from './command-types.js'
export { python, type PathIn, type PythonArgs, type PythonCode, type PythonGiven, type PythonSpec } from './python.js'
export { ProgramFailed } from './program-failed.js'
