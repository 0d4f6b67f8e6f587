// The files for Kubernetes and SLURM of docs/scale.md, of which neither is here: their words are read, and the script is
// run with a stand-in for srun.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { emptyFolder, inProcess, remove, root, write } from '../cli/fixture.js'

const page = readFileSync(join(root, 'docs/scale.md'), 'utf8')
const [manifests = '', script = ''] = [...page.matchAll(/^```console\n([^]*?)^```$/gm)].map(([, text]) => text)

let folder: string
beforeEach(() => {
  folder = emptyFolder([])
})
afterEach(() => remove(folder))

/** Words that start a worker so that it gets the signal that a scheduler sends to what it has started. */
const expectWorker = async (words: readonly string[]): Promise<void> => {
  expect(words.slice(0, 2)).toEqual(['node_modules/.bin/taskchain', 'worker'])
  const { out: help } = await inProcess(folder, ['worker', '--help'])
  const options = words.filter((word) => word.startsWith('--'))
  expect(options).not.toEqual([])
  for (const option of options) expect(help).toMatch(new RegExp(`^  ${option} <`, 'm'))
}

test('the manifests for Kubernetes are YAML, and name options and keys that there are', async () => {
  const documents = parseAllDocuments(manifests)
  expect(documents.map(({ errors }) => errors)).toEqual([[], []])
  const [deployment, scaled] = documents.map((document): any => document.toJS())
  const [container] = deployment.spec.template.spec.containers
  await expectWorker(container.command)
  expect(deployment.spec.template.metadata.labels).toEqual(deployment.spec.selector.matchLabels)
  expect(scaled.spec.scaleTargetRef.name).toBe(deployment.metadata.name)
  for (const { type, metadata } of scaled.spec.triggers) {
    expect([type, metadata.listLength]).toEqual(['redis', container.command[3]])
    expect(metadata.listName).toMatch(/^taskchain:default:(prioritized|active)$/)
    expect(manifests).toMatch(new RegExp(`secretRef.*# .*${metadata.addressFromEnv}`))
  }
})

test.runIf(existsSync('/bin/bash'))('the script for SLURM passes the announced end on, and waits', async () => {
  const words = /^srun (.*) &$/m.exec(script)?.[1]?.split(' ') ?? []
  await expectWorker(words)
  write(folder, {
    'job.sh': script,
    srun: `#!/bin/bash
trap 'sleep 1; echo finished >> told; exit 0' TERM
echo "$*" > told
while true; do sleep 0.1; done
`,
  })
  chmodSync(join(folder, 'srun'), 0o755)
  expect(spawnSync('bash', ['-n', 'job.sh'], { cwd: folder }).status).toBe(0)
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` }
  const job = spawn('bash', ['job.sh'], { cwd: folder, env })
  const ended = once(job, 'exit')
  await expect.poll(() => existsSync(join(folder, 'told')), { timeout: 20_000 }).toBe(true)
  job.kill('SIGTERM')
  await ended
  expect(readFileSync(join(folder, 'told'), 'utf8')).toBe(`${words.join(' ')}\nfinished\n`)
})
