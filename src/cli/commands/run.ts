import type { Chain, ChainOptions } from '../../runtime/chain/chain-types.js'
import type { FolderRuns } from '../../adapters/history/folder-runs.js'
import { historyOf } from '../../adapters/history/open-history.js'
import { badOption } from '../../explain.js'
import { operand, operandList, printBeside, listOption, type Call, type Command } from '../call.js'
import type { Listener } from '../../runtime/ports/events.js'
import { dependentLines } from '../render/render-dependents.js'
import { exitCodeOfReport, exitCodes, type ExitCode } from '../exit-codes.js'
import { onInterruption } from '../interruption.js'
import { jsonDocument } from '../json-output.js'
import { runOutput } from '../run-output.js'
import { hidingOf } from '../../runtime/chain/chain.js'
import { naming } from '../history/holding-run.js'
import { recorded } from '../history/recorded-run.js'
import { outlineOf } from '../../plan/plan-graph.js'
import { planCommand } from './plan.js'
import { taskNamed, withChain } from '../open-chain-of-call.js'
import { reportedStrayFailures } from '../reported-stray-failures.js'
import { defaultRows, previewOf, wholeOf } from '../render/preview.js'

/** `run CONFIG [TASK…]`: computes the requested tasks and their dependencies. */
export const run: Command = async (call) => {
  if (call.options['watch'] === true) {
    const words = process.argv.slice(2).filter((word) => word !== '--watch')
    return (await import('../watch/watch-run.js')).watchRun(call, words)
  }
  if (call.options['keepGoing'] === true && call.options['failFast'] === true)
    throw badOption('--fail-fast', 'cannot be combined with --keep-going')
  const names = operandList(call, 'task')
  const forced = listOption(call, 'force')
  if (call.options['show'] === true && names.length === 0)
    throw badOption('--show', 'name the tasks to show: taskchain run CONFIG TASK --show')
  if (call.options['quiet'] === true && call.options['verbose'] === true)
    throw badOption('--quiet', 'cannot be combined with --verbose')
  if (call.options['dryRun'] === true) {
    if (forced.length > 0 || call.options['show'] === true)
      throw badOption(
        '--dry-run',
        'cannot be combined with --force or --show; `taskchain force --dry-run` shows what that marks',
      )
    return planCommand(call)
  }
  return withChain(call, operand(call, 'config'), runtimeOptions(call), async (chain, store, { root }) => {
    const wanted = names.map((name) => taskNamed(chain, name).name) // unknown names are reported before anything runs
    const stale = forced.map((name) => taskNamed(chain, name).name)
    if (stale.length > 0) {
      printBeside(call, dependentLines(await chain.storedDependents(stale)))
      await chain.force(stale)
    }
    const plan = outlineOf(chain.plan)
    const about = { command: 'run', tasks: wanted, root, nodes: plan.nodes, plans: [plan] } as const
    const { code } = await recorded(call, store, hidingOf(chain), about, async (record) => ({
      code: await perform(call, chain, wanted.length > 0 ? wanted : undefined, {
        record,
        history: historyOf(store)?.folder,
      }),
    }))
    return code
  })
}

const runtimeOptions = (call: Call): ChainOptions => {
  const { concurrency, repair, checkMutation } = call.options
  return {
    ...(typeof concurrency === 'number' ? { concurrency } : {}),
    ...(repair === false ? { noRepair: true } : {}),
    ...(checkMutation === true ? { checkMutation: true } : {}),
  }
}

const perform = async (
  call: Call,
  chain: Chain,
  wanted: readonly string[] | undefined,
  { record, history }: { readonly record: Listener; readonly history: FolderRuns | undefined },
): Promise<ExitCode> => {
  const output = runOutput(call, chain.plan.nodes)
  const interruption = onInterruption(output.stopping, output.end)
  const stray = reportedStrayFailures(call, output.end)
  const onEvent: Listener = (given) => {
    const event = naming(history, given)
    stray.onEvent(event)
    record(event)
    output.onEvent(event)
  }
  try {
    const report = await chain.run(wanted, {
      onEvent,
      signal: AbortSignal.any([interruption.signal, stray.signal]),
      failFast: call.options['failFast'] === true,
      adopt: call.options['adopt'] !== false,
    })
    output.end()
    if (call.options['show'] === true && interruption.code() === undefined)
      await showValues(
        call,
        chain,
        wanted ?? [],
        new Set(report.failed.flatMap((error) => ('node' in error ? [error.node] : []))),
      )
    output.report(report)
    return interruption.code() ?? (stray.met() ? exitCodes.failed : exitCodeOfReport(report))
  } finally {
    output.end()
    await stray.release()
    interruption.release()
  }
}

/** Values of the named tasks that have a result. */
const showValues = async (
  call: Call,
  chain: Chain,
  names: readonly string[],
  failed: ReadonlySet<string>,
): Promise<void> => {
  const states = await chain.states()
  for (const name of names) {
    const handle = taskNamed(chain, name)
    const isThere = ['cached', 'undecided', 'in_memory'].includes(states.get(name) ?? 'to_run')
    if (failed.has(name) || !isThere) continue
    const value = await handle.value()
    if (call.common.json)
      call.host.out.write(jsonDocument({ event: 'value', node: name, ...(await wholeOf(value, handle.node)) }))
    else {
      const { out } = call.host
      const columns = out.isTerminal ? out.size().columns : undefined
      const lines = await previewOf(value, handle.node, { rows: defaultRows, columns, paint: call.paint.out })
      out.write(`${call.paint.out.bold(name)}\n${lines.join('\n')}\n\n`)
    }
  }
}
