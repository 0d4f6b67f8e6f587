import { Worker } from 'node:worker_threads'
import { computeAll, watchDeath } from './computing.js'

/** A process of `childProcesses`. */

watchDeath()
// its last words are told by whoever asked: not once more here, unless the task has a way of its own
process.on('uncaughtException', () => {
  if (process.listenerCount('uncaughtException') === 1) process.kill(process.pid, 'SIGKILL')
})
// Ctrl-C in a terminal reaches every process of it: whoever asked says what is to stop
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL')) // nobody is left to hold a lease for it
// a task that blocks hears nothing of that: a thread looks on
const watch = `const { pid } = process, parent = ${Number(process.argv[2])}
setInterval(() => process.ppid === parent || process.kill(pid, 'SIGKILL'), 500)`
new Worker(watch, { eval: true, execArgv: [], env: {} }).unref()

computeAll({
  post: (message) => void process.send?.(message, undefined, undefined, () => undefined),
  on: (event, take) => process.on(event, take),
})
