// A process of its own on a store, in plain JavaScript over the built library so that it starts quickly; tests kill it.
// `hold` keeps a lease until it is told to release it, `commit` replaces artifacts for ever, `count` computes what nobody has computed yet.
import { openArtifact } from '../../dist/runtime/run-info/hit-or-miss.js'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileStore } from '../../dist/adapters/file-store/file-store.js'
import { emitRunInfo } from '../../dist/runtime/run-info/run-info.js'

const { mode, root, targets, counter } = JSON.parse(process.argv[2])
const store = fileStore(root)
const quiet = { signal: new AbortController().signal, waiting: () => undefined }
const runInfoFor = (address, { size, checksum }) => emitRunInfo({ task: { name: address.folder }, data: { format: 'x', extension: address.extension, size, checksum }, attempts: 1 })

/** Data that says of itself whether it is whole: the same head at its start and end, and the length in between. */
const textOf = (version, length) => `${version} ${length}\n${'x'.repeat(length)}\n${version} ${length}`

async function* parts(text) {
  for (let at = 0; at < text.length; at += 1000) yield Buffer.from(text.slice(at, at + 1000))
}

const commitOne = async ({ kind, address }, version, length) => {
  const lease = await store.lease(address, quiet)
  const staging = await store.stage(address, kind === 'stream' ? 'file' : kind)
  const text = textOf(version, length)
  const log = store.log(address)
  log.write(version)
  let saved
  if (staging.directory === undefined) saved = await staging.write(kind === 'stream' ? parts(text) : Buffer.from(text))
  else {
    for (const name of ['a', 'b', 'c']) writeFileSync(join(staging.directory, name), text)
    saved = await staging.measure()
  }
  await staging.commit(runInfoFor(address, saved))
  await log.close('kept')
  await lease.release()
}

if (mode === 'hold') {
  const lease = await store.lease(targets[0].address, quiet)
  process.send('held')
  process.once('message', () => void lease.release().then(() => process.disconnect()))
}

if (mode === 'commit') {
  for (let count = 0; ; count++) {
    for (const target of targets) await commitOne(target, `${process.pid}-${count}`, target.kind === 'stream' ? 400_000 + count : 100 + count)
    if (count === 0) process.send('committing')
    if (count % 3 === 2) await store.flush()
  }
}

if (mode === 'count') {
  for (const { address } of targets) {
    const lease = await store.lease(address, quiet)
    if ('reason' in (await openArtifact(store, address))) {
      appendFileSync(counter, `${address.key}\n`)
      const staging = await store.stage(address, 'file')
      await staging.commit(runInfoFor(address, await staging.write(Buffer.from(address.key))))
    }
    await lease.release()
  }
  await store.flush()
  process.disconnect()
}
