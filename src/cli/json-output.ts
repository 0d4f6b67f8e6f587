import type { AnyError, PlanWarning } from '../errors.js'
import { jsonDocument } from '../base/json-document.js'
import { explain } from '../explain.js'
import { printBeside, type Call } from './call.js'
import type { ExitCode } from './exit-codes.js'

export { jsonDocument, plain } from '../base/json-document.js'

/** Errors or warnings for programs: tag, place, message, hint. */
export const explained = (errors: readonly (AnyError | PlanWarning)[]): readonly object[] => errors.map(explain)

/** Says why a command does nothing; with `--json` programs read it too, under the code of the error. */
export const refused = (
  call: Call,
  code: 'BadOption' | 'NotComputed' | 'ArtifactUnreadable',
  message: string,
  exit: ExitCode,
): ExitCode => {
  if (call.common.json) call.host.out.write(jsonDocument({ errors: [{ code, message }] }))
  printBeside(call, [message])
  return exit
}
