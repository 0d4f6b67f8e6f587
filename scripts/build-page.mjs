// Bundles src/page, which runs in a browser, with its libraries: index.html, page.js, page.css, layout-worker.js, and
// chunks that are loaded when a plot is shown. `node scripts/build-page.mjs DIR` builds only the page.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** Returns the paths of all bundled modules. */
export async function buildPage(into) {
  mkdirSync(into, { recursive: true })
  const modules = [
    ...(await bundleFor({ 'layout-worker': 'src/page/layout/worker.ts' }, into)),
    // plots are an entry point too: reports draw them without the page
    ...(await bundleFor({ page: 'src/page/main.tsx', vega: 'src/page/plots/vega.ts' }, into)),
  ]
  copyFileSync('src/page/index.html', `${into}/index.html`)
  const sheets = readdirSync('src/page/style').toSorted()
  writeFileSync(
    `${into}/page.css`,
    sheets.map((name) => readFileSync(`src/page/style/${name}`, 'utf8').replace(/\/\*[^]*?\*\//g, '')).join('\n'),
  )
  return modules
}

async function bundleFor(input, dir) {
  const { rolldown } = await import('rolldown')
  const bundled = await rolldown({
    input,
    platform: 'browser',
    tsconfig: 'src/page/tsconfig.json',
    checks: { eval: false },
    plugins: [withoutUnused],
  })
  const { output } = await bundled.write({
    dir,
    format: 'esm',
    minify: true,
    comments: { legal: true },
    chunkFileNames: '[name]-[hash].js',
  })
  return output.flatMap((chunk) => chunk.moduleIds ?? [])
}

/** Parts of Vega that no plot of the page uses: maps, trees, forces and the like; a third of it. */
const unused = /^vega-(?:geo|projection|force|hierarchy|label|regression|voronoi|wordcloud|crossfilter)$/
const withoutUnused = {
  name: 'without-unused',
  resolveId: (id, importer) => (unused.test(id) && /\/vega\/build\//.test(importer ?? '') ? '\0unused' : null),
  load: (id) => (id === '\0unused' ? 'export const projection = undefined' : null),
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await buildPage(process.argv[2] ?? 'dist/page')
