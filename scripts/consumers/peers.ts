// Optional peers that are not installed: each is reported by name, with what to install, before anything is computed.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { commandAbove, ended, root, saysAll, write, type Check, type Site } from './site.js'

/** A project whose first task leaves a mark when it runs. */
const project = `import { appendFileSync } from 'node:fs'
import * as t from 'io-ts'
import { defineProject, defineTask } from 'taskchain'
import { figure, hdf5 } from 'taskchain/data'
const first = defineTask({ data: t.number }).run(() => { appendFileSync('ran', 'x'); return 1 })
const after = (name, data) => defineTask({ name, inputs: { first }, data }).run(() => ({}))
export default defineProject({ pipelines: { shop: {
  first,
  whole: after('whole', figure()),
  vega: after('vega', figure({ language: 'vega', png: false })),
  png: after('png', figure({ language: 'svg' })),
  hdf5: after('hdf5', hdf5()),
} } })
`

/** Node 22.15 and newer supports zstd itself. */
const isOlder = !('createZstdDecompress' in zlib)

/** Peers, what requires them, and the expected message. */
const asked: readonly (readonly [peers: readonly string[], line: string, said: readonly string[]])[] = [
  [
    ['vega', 'vega-lite', '@resvg/resvg-js', 'dejavu-fonts-ttf'],
    'run shop whole',
    ['not installed', 'npm install vega@6 vega-lite@6.4 @resvg/resvg-js@2 dejavu-fonts-ttf@2'],
  ],
  [['vega'], 'run shop vega', ['not installed', 'npm install vega@6']],
  [
    ['@resvg/resvg-js', 'dejavu-fonts-ttf'],
    'run shop png',
    ['not installed', 'npm install @resvg/resvg-js@2 dejavu-fonts-ttf@2'],
  ],
  [['h5wasm'], 'run shop hdf5', ['not installed', 'npm install h5wasm@0.10']],
  [['h5wasm'], 'run shop hdf5 --executor workers', ['not installed', 'npm install h5wasm@0.10']],
  [['@viz-js/viz'], 'draw shop --svg', ['@viz-js/viz', 'npm install @viz-js/viz']],
  [
    ['@aws-sdk/client-s3'],
    'run shop first --store s3://nobody/nothing',
    ['not installed', 'npm install @aws-sdk/client-s3@3'],
  ],
  [['@aws-sdk/client-s3'], 'push shop s3://nobody/nothing', ['not installed', 'npm install @aws-sdk/client-s3@3']],
  [
    ['bullmq', 'ioredis'],
    'run shop first --executor bullmq --redis redis://127.0.0.1:1',
    ['not installed', 'npm install bullmq ioredis'],
  ],
  [
    ['bullmq', 'ioredis'],
    'worker --redis redis://127.0.0.1:1',
    ['not installed', 'npm install bullmq ioredis'],
  ],
]

/** Peers needed only for reading, from a program; callers pass `arquero` in. */
const read: readonly (readonly [peers: readonly string[], program: string, said: readonly string[]])[] = [
  [
    ['hyparquet-compressors'],
    `import * as t from 'io-ts'
import { readParquet } from 'taskchain/data'
await readParquet(t.type({ n: t.number }), 'lz4.parquet').catch((cause) => console.log(cause.message, cause.hint))`,
    ['compressed by LZ4_RAW', 'not installed', 'npm install hyparquet-compressors@1'],
  ],
  ...(isOlder
    ? [
        [
          ['fzstd'],
          `import * as t from 'io-ts'
import { jsonLines } from 'taskchain/data'
const { persistence } = jsonLines(t.number, { compression: 'zstd' })
await persistence.decode({}).catch((cause) => console.log(cause.message, cause.hint))`,
          ['not installed', 'npm install fzstd@0.1'],
        ] as const,
      ]
    : []),
  [
    ['arquero'],
    `import * as t from 'io-ts'
import { tableOf, toArquero } from 'taskchain/data'
import('arquero').catch((cause) => console.log(cause.message))
console.log(toArquero({ table: (columns) => Object.keys(columns) }, tableOf(t.type({ n: t.number }), [{ n: 1 }])))`,
    ["Cannot find package 'arquero'", "[ 'n' ]"],
  ],
]

export const peerChecks: readonly Check[] = [
  {
    name: 'every optional peer has a case here',
    short: true,
    run: async () => {
      const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        readonly peerDependencies: object
      }
      const cases = new Set([...asked.flatMap(([peers]) => peers), ...read.flatMap(([peers]) => peers)])
      assert.deepEqual(
        Object.keys(peerDependencies).filter((name) => !cases.has(name)),
        isOlder ? [] : ['fzstd'],
      )
    },
  },
  {
    name: 'a peer that is missing is told before anything is computed',
    short: true,
    run: async (site) => {
      const folder = await peerProject(site)
      for (const [, line, said] of asked) {
        const { code, output } = await ended(folder, process.execPath, [commandAbove(folder), ...line.split(' ')])
        assert.notEqual(code, 0, `${line} ended well:\n${output}`)
        saysAll(output, said)
        assert.ok(!existsSync(join(folder, 'ran')), `${line} has computed something:\n${output}`)
      }
    },
  },
  {
    name: 'a peer that is missing is told where only reading needs it',
    short: true,
    run: async (site) => {
      const folder = await peerProject(site)
      const duckdb = await (await DuckDBInstance.create()).connect()
      await duckdb.run(`copy (select 1 as n) to '${join(folder, 'lz4.parquet')}' (compression lz4_raw)`)
      for (const [, program, said] of read) {
        write(folder, { 'read.mjs': program })
        saysAll((await ended(folder, process.execPath, ['read.mjs'])).output, said)
      }
    },
  },
]

const peerProject = async ({ bare }: Site): Promise<string> => {
  const folder = join(await bare(), 'peers')
  rmSync(folder, { recursive: true, force: true })
  write(folder, {
    'package.json': '{ "type": "module" }',
    'taskchain.config.js': project,
    'configs/shop.yaml': 'tasks: shop.*\n',
  })
  return folder
}
