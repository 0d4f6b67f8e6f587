// npm run bench [-- --json] [--quick] [plan|run|…]: a table of all benchmarks, or of the named ones; JSON for scripts.
// npm run bench -- tables: those of docs/performance.md.
import { tableText, type Row } from './table.js'
import { checkWords } from '../scripts/usage.js'

checkWords(import.meta.filename)

type Bench = (quick: boolean) => Promise<readonly Row[]>

const benches: Readonly<Record<string, Bench>> = {
  plan: async (quick) => (await import('./plan.js')).planRows(quick),
  check: async (quick) => (await import('./check.js')).checkRows(quick ? [200] : undefined),
  process: async (quick) => (await import('./process.js')).processRows(quick),
  run: async (quick) => (await import('./run.js')).benchRun(quick ? 1000 : 10_000),
  leases: async (quick) => (await import('./leases.js')).leaseRows(quick ? 3 : 15),
  queue: async (quick) => (await import('./queue.js')).queueRows(quick),
  threads: async (quick) => (await import('./threads.js')).threadRows(quick),
  objects: async (quick) => (await import('./objects.js')).objectRows(quick),
  formats: async (quick) => (await import('./formats.js')).formatRows(quick),
  types: async (quick) => (await import('./types.js')).typeRows(quick),
  items: async (quick) => (await import('./items.js')).itemRows(quick),
  lsp: async (quick) => (await import('./lsp.js')).lspRows(quick),
  page: async (quick) => (await import('./page.js')).pageRows(quick),
}

const args = process.argv.slice(2)
const named = args.filter((arg) => !arg.startsWith('--'))
const unknown = named.find((name) => !(name in benches))
if (named.includes('tables')) await (await import('./tables.js')).printTables(args.includes('--quick'))
else if (unknown !== undefined) {
  console.error(`unknown benchmark '${unknown}'; there are: ${Object.keys(benches).join(', ')}`)
  process.exitCode = 3
} else {
  const rows: (Row & { readonly bench: string })[] = []
  for (const [name, bench] of Object.entries(benches)) {
    if (named.length > 0 && !named.includes(name)) continue
    rows.push(...(await bench(args.includes('--quick'))).map((row) => ({ bench: name, ...row })))
  }
  console.log(
    args.includes('--json')
      ? JSON.stringify({ schema: 1, node: process.version, rows }, undefined, 2)
      : tableText(rows),
  )
  if (rows.some((row) => row.limit !== undefined && row.value > row.limit)) process.exitCode = 1
}
