import { hostname } from 'node:os'
import { formatOf } from '../../declare/json/json.js'
import { preImageOfNode } from '../../plan/key.js'
import { nodesById } from '../../plan/plan-graph.js'
import type { PlanNode } from '../../plan/plan-types.js'
import type { Work } from './work.js'
import type { Saved } from '../ports/artifact.js'
import type { InputInfo, RunInfo } from '../run-info/run-info-types.js'
import { inMemoryInputsOf } from '../run-info/artifact-facts.js'
import { lineagesOf, taskFingerprint } from '../code-drift/code-state.js'
import { formatTime, libraryVersion, userName } from '../run-info/run-info.js'

/** What a run knows of its own. Times in milliseconds since 1970. */
export interface RunFacts {
  readonly notes: readonly unknown[]
  readonly attempts: number
  readonly started: number
  readonly ended: number
  readonly seconds: number
}

/** The run info of a finished run: what was computed, from what, when, where and by whom. */
export const runInfoOf = (work: Work, facts: RunFacts, saved: Saved | undefined): RunInfo => {
  const { node, plan, task } = work
  const inMemory = inMemoryInputsOf(plan, node)
  const { persistence } = formatOf(task.declaration.data)
  const lineage = lineagesOf(work.session.index, plan).get(node.id)
  return {
    schema: 1,
    task: {
      name: node.task,
      module: work.session.index.moduleOf(node.task),
      ...(node.version === undefined ? {} : { version: node.version }),
    },
    config: { name: node.config, namespace: node.namespace === '' ? null : node.namespace, context: plan.context },
    input_tasks: inputsOf(work),
    parameters: node.params,
    log: facts.notes,
    started: formatTime(facts.started),
    ended: formatTime(facts.ended),
    time: facts.seconds,
    user: { name: userName() },
    host: hostname(),
    key: node.key,
    key_pre_image: preImageOfNode(plan, node) as never, // a pre-image is plain encoded data
    ...(inMemory === undefined ? {} : { in_memory_inputs: inMemory as never }), // plain encoded data too
    versions: { taskchain: libraryVersion(), node: process.version },
    code_fingerprint: taskFingerprint(task),
    ...(lineage === undefined ? {} : { code_lineage: lineage }),
    data:
      saved === undefined
        ? null
        : {
            format: node.format,
            extension: node.extension,
            size: saved.size,
            checksum: saved.checksum,
            ...(saved.content === undefined ? {} : { content: saved.content }),
            ...(saved.beside === undefined ? {} : { beside: saved.beside }),
            ...('views' in persistence ? { views: persistence.views } : {}),
          },
    peak_memory: process.resourceUsage().maxRSS * 1024,
    attempts: facts.attempts,
  }
}

const inputsOf = (work: Work): RunInfo['input_tasks'] => {
  const info = (id: string): InputInfo => {
    const node = nodeOf(work, id)
    return { task: node.task, key: node.key }
  }
  return Object.fromEntries(
    Object.entries(work.node.inputs).flatMap(([role, bound]): [string, InputInfo | Record<string, InputInfo>][] =>
      bound === null
        ? []
        : [
            [
              role,
              typeof bound === 'string'
                ? info(bound)
                : Object.fromEntries(Object.entries(bound).map(([name, id]) => [name, info(id)])),
            ],
          ],
    ),
  )
}

const nodeOf = (work: Work, id: string): PlanNode => nodesById(work.plan).get(id) as PlanNode
