// A process, or a worker thread, of its own that holds a lease: on this host or, by name, on another one. In plain JavaScript over the built library.
// `hold` keeps it, `block` keeps its thread busy meanwhile and says in a file when it lets go, `exit` ends the thread in order.
import { writeFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { fileStore } from '../../dist/adapters/file-store/file-store.js'

const { mode, root, address, host, heartbeat, busy, note } = workerData ?? JSON.parse(process.argv[2])
const tell = (word) => (parentPort === null ? process.send(word) : parentPort.postMessage(word))
const store = fileStore(root, { heartbeat, ...(host === undefined ? {} : { host }) })
const lease = await store.lease(address, { signal: new AbortController().signal, waiting: () => undefined })
tell('held')
const keepAlive = setInterval(() => undefined, 1000)

if (mode === 'exit') process.exit()

if (mode === 'block') {
  await new Promise((resolve) => setTimeout(resolve, 20)) // the word is out
  const until = performance.now() + busy
  while (performance.now() < until);
  writeFileSync(note, 'the computation is done')
  await lease.release()
  clearInterval(keepAlive)
  if (parentPort === null) process.disconnect()
}
