import type { AnyError, PlanWarning } from '../errors.js'
import { explain } from '../explain.js'

export { jsonDocument, plain } from '../base/json-document.js'

/** Errors or warnings for programs: tag, place, message, hint. */
export const explained = (errors: readonly (AnyError | PlanWarning)[]): readonly object[] => errors.map(explain)
