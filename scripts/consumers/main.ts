// npm run check-consumers [-- --short] [--keep] [NAME…]: checks of the packed package as users install it. --short runs
// the part in `.ci/run`, names select single checks, --keep keeps the folders. Needs a registry and a build.
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { initChecks } from './init.js'
import { lintChecks } from './lint.js'
import { moduleChecks } from './modules.js'
import { peerChecks } from './peers.js'
import { runtimeChecks } from './runtimes.js'
import { makeSite, type Check } from './site.js'
import { tarballChecks } from './tarball.js'
import { typeChecks } from './types.js'
import { workspaceChecks } from './workspaces.js'
import { yarnChecks } from './yarn.js'
import { checkWords } from '../usage.js'

checkWords(import.meta.filename)

const checks: readonly Check[] = [
  ...tarballChecks,
  ...moduleChecks,
  ...peerChecks,
  ...typeChecks,
  ...runtimeChecks,
  ...initChecks,
  ...workspaceChecks,
  ...yarnChecks,
  ...lintChecks,
]

const words = process.argv.slice(2)
const isShort = words.includes('--short')
const names = words.filter((word) => !word.startsWith('--'))
const chosen = checks.filter(({ name, short }) =>
  names.length === 0 ? short || !isShort : names.some((part) => name.includes(part)),
)
const site = await makeSite()
let failures = 0
for (const { name, run } of chosen) {
  const start = performance.now()
  const problem = await run(site).then(
    () => undefined,
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  )
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${problem === undefined ? 'holds ' : 'FAILS '} ${name} (${seconds} s)`)
  if (problem === undefined) continue
  failures += 1
  console.log(problem.replaceAll(/^/gm, '    '))
}
if (words.includes('--keep')) console.log(`kept: ${dirname(site.tarball)}`)
else rmSync(dirname(site.tarball), { recursive: true, force: true })
console.log(`${chosen.length - failures} of ${chosen.length} hold`)
process.exitCode = failures === 0 ? 0 : 1
