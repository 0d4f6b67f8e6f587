// Bun and Deno, running the command and its project natively.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { commandAbove, saysAll, succeeds, system, taskchain, write, type Check, type Site } from './site.js'

interface OtherRuntime {
  readonly name: string
  readonly binary: (site: Site) => Promise<string>
  readonly words: readonly string[]
}

const others: readonly OtherRuntime[] = [
  {
    name: 'Bun',
    binary: (site) => site.tool([`@oven/bun-${system}@1`], `@oven/bun-${system}/bin/bun`),
    words: [],
  },
  {
    name: 'Deno',
    binary: (site) => site.tool([`@deno/${system}-glibc@2`], `@deno/${system}-glibc/deno`),
    words: ['run', '-A'],
  },
]

/**
 * In this process, on threads, in processes: for projects in TypeScript and JavaScript; the store is shared with Node.
 */
const runsUnder = ({ name, binary, words }: OtherRuntime): Check => ({
  name: `${name}: a project of init in process, on threads and in processes; a store is shared with Node`,
  short: false,
  run: async (site) => {
    const program = await binary(site)
    const folder = join(await site.consumer(), name.toLowerCase())
    rmSync(folder, { recursive: true, force: true })
    write(folder, { 'package.json': '{}' })
    await taskchain(folder, 'init . --template ml')
    const environment = { DENO_DIR: site.folder('deno-cache'), DENO_NO_UPDATE_CHECK: '1' }
    for (const executor of ['local', 'workers', 'processes']) {
      const run = (): Promise<string> =>
        succeeds(
          folder,
          program,
          [...words, commandAbove(folder), 'run', 'line', '--store', executor, '--executor', executor],
          environment,
        )
      saysAll(await run(), ['0 failed', 'computed model:metrics'])
      saysAll(await run(), ['0 computed'])
      saysAll(await taskchain(folder, `run line --store ${executor}`), ['0 computed'])
    }
  },
})

export const runtimeChecks: readonly Check[] = others.map(runsUnder)
