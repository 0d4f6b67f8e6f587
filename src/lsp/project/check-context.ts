import * as E from 'fp-ts/lib/Either.js'
import type { LoadedProject } from '../../adapters/project/project-file.js'
import type { Documents } from '../../config/config-types.js'
import { warningsBeside } from '../../errors.js'
import { explain } from '../../explain.js'
import { subjectOf } from '../../explain/subject.js'
import { makePlanner } from '../../planner/planner.js'
import type { ConfigSource } from '../../runtime/ports/config-source.js'
import type { ConfigFact, FileProblem } from '../facts.js'
import type { LaidOver } from './laid-over.js'

/** What a file provides to others: names of values, with their lines. */
export const givenIn = (documents: Documents | undefined, origin: string): ConfigFact['gives'] =>
  [...(documents?.get(origin)?.parts.values() ?? [])].flatMap(({ values }) =>
    [...values].flatMap(([name, located]) =>
      name !== 'for_namespaces'
        ? [{ name: name.split('.')[0] ?? name, line: located.place.line }]
        : [...(located.parts ?? [])].flatMap(([namespace, inner]) =>
            [...(inner.parts ?? [])].map(([one, { place }]) => ({
              name: one.split('.')[0] ?? one,
              namespace,
              line: place.line,
            })),
          ),
    ),
  )

/**
 * A context is checked against all tasks of the project at once, so only errors independent of a chain are found.
 * Errors that depend on one chain (its namespaces) are not.
 */
export const checkContext = async (
  { project, root }: LoadedProject,
  origin: string,
  source: ConfigSource,
  laid: LaidOver,
): Promise<{ readonly problems: readonly FileProblem[]; readonly fact: ConfigFact }> => {
  const planner = makePlanner(project, { root, source, digestCache: undefined, variables: false })
  const read = await planner.read({ tasks: '**' }, [...laid.contexts, origin])
  const { planned } = await read.plan({ set: laid.set })
  const errors = E.isLeft(planned) ? planned.left : []
  const warnings = E.isLeft(planned) ? warningsBeside(planned.left) : planned.right.warnings
  const own = [...errors, ...warnings].filter(
    (one) => one._tag !== 'UnknownNamespace' && 'place' in one && one.place?.origin === origin,
  )
  const problems = own.map(
    (one): FileProblem => ({
      ...explain(one),
      severity: errors.some((error): boolean => error === one) ? 'error' : 'warning',
      file: origin,
      param: subjectOf(one).param,
    }),
  )
  return {
    problems,
    fact: {
      config: origin,
      outcome: 'context',
      errors: problems.filter(({ severity }) => severity === 'error').length,
      usedBy: undefined,
      gives: givenIn(read.documents, origin),
    },
  }
}
