import { availableParallelism } from 'node:os'
import { listOption, numberOption, printBeside, type Call, type Command } from '../../call.js'
import { exitCodes } from '../../exit-codes.js'
import { onInterruption } from '../../interruption.js'
import { projectOf, redisOf } from '../../open-chain-of-call.js'
import { eventLine } from '../../render/render-events.js'
import type { Listener } from '../../../runtime/ports/events.js'
import { storeFor } from '../../store-of-call.js'

/**
 * `worker`: computes tasks that runs put into a queue. The first Ctrl-C or SIGTERM lets current tasks finish and takes
 * no new ones; the second ends them at once, and other workers take them over.
 */
export const worker: Command = async (call) => {
  const redis = redisOf(call)
  const loaded = await projectOf(call)
  const { queueWorker } = await import('../../../workers/index.js')
  const [queues, memory, { logLevel }] = [listOption(call, 'queue'), numberOption(call, 'memory'), call.common]
  const concurrency = numberOption(call, 'concurrency') ?? availableParallelism()
  const interruption = onInterruption(
    (signal) => printBeside(call, [`${signal}: finishing the current tasks; once more stops at once`]),
    () => undefined,
  )
  try {
    const working = await queueWorker({
      project: loaded.project,
      file: loaded.file,
      root: loaded.root,
      store: await storeFor(call, loaded),
      redis,
      concurrency,
      onEvent: tellOn(call),
      ...(queues.length === 0 ? {} : { queues }),
      ...(memory === undefined ? {} : { memory }),
      ...(logLevel === undefined ? {} : { logLevel }),
    })
    printBeside(call, [`worker ${process.pid} takes tasks of ${queues.length === 0 ? 'default' : queues.join(', ')}`])
    await new Promise((resolve) => interruption.signal.addEventListener('abort', resolve, { once: true }))
    await working.close()
    return interruption.code() ?? exitCodes.done
  } finally {
    interruption.release()
  }
}

const tellOn =
  (call: Call): Listener =>
  (event) => {
    const line = eventLine(event)
    if (line !== undefined && line.node !== '') printBeside(call, [`${line.verb} ${line.node} ${line.rest}`.trimEnd()])
  }
