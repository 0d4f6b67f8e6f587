import { Worker } from 'node:worker_threads'
import { computeAll, watchDeath } from './computing.js'
import { receiving, sent } from './process-messages.js'

/** A process of `childProcesses`. */

watchDeath()
// the parent reports the error: this process prints it only if the task has its own listener
process.on('uncaughtException', () => {
  if (process.listenerCount('uncaughtException') === 1) process.kill(process.pid, 'SIGKILL')
})
// Ctrl-C in a terminal reaches every process of it, but the parent decides what to stop
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL')) // the lease holder is gone
// a blocking task receives no events: a thread watches the parent
const watch = `const { pid } = process, parent = ${Number(process.argv[2])}
setInterval(() => process.ppid === parent || process.kill(pid, 'SIGKILL'), 500)`
new Worker(watch, { eval: true, execArgv: [], env: {} }).unref()

computeAll({
  post: (message) => {
    for (const part of sent(message)) process.send?.(part, undefined, undefined, () => undefined)
  },
  on: (event, take) => process.on(event, receiving(take)),
})
