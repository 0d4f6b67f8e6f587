import * as E from 'fp-ts/lib/Either.js'
import { loadProject } from '../../adapters/project/project-file.js'
import { operandList, print, type Call, type Command } from '../call.js'
import { configNames } from '../completion/config-names.js'
import { completionContext, type CompletionContext } from '../completion/completion-context.js'
import { exitCodes } from '../exit-codes.js'
import { setValues } from '../../inspect/set-values.js'

/**
 * The hidden command behind shell completion: prints candidates, one a line. Prints nothing on errors: nobody presses
 * Tab to read them.
 */
export const complete: Command = async (call) => {
  const context = completionContext(operandList(call, 'word'))
  try {
    const words = await candidates(call, context)
    print(
      call,
      [...new Set(words)].filter((word) => word.startsWith(context.current) && !controlCharacter.test(word)),
    )
  } catch {
    // no project, a broken config: no candidates
  }
  return exitCodes.done
}

// oxlint-disable-next-line no-control-regex -- names that span several lines are what it looks for
const controlCharacter = /[\u0000-\u001f\u007f]/

const candidates = async (call: Call, context: CompletionContext): Promise<readonly string[]> => {
  const { offer } = context
  switch (offer.kind) {
    case 'nothing':
      return []
    case 'words':
      return offer.words
    case 'configs':
      return configNames(await loadProject(call.host.folder, context.project))
    case 'tasks': {
      const { project, root } = await loadProject(call.host.folder, context.project)
      const { planConfig } = await import('../../planner/plan-config.js')
      const planned = await planConfig(project, {
        config: offer.config,
        context: context.context,
        set: setValues(context.set),
        root,
      })
      if (E.isLeft(planned)) return []
      const full = planned.right.nodes.map((node) => node.id)
      return full.some((name) => name.startsWith(context.current)) ? full : planned.right.nodes.map((node) => node.name)
    }
  }
}
