import { workerData, type MessagePort } from 'node:worker_threads'
import { computeAll, watchDeath } from './computing.js'

/** A thread of `workerThreads`. */

watchDeath()

const { port } = workerData as { readonly port: MessagePort } // set by `startThread`
computeAll({ post: (message) => port.postMessage(message), on: (event, take) => port.on(event, take) })
