// Bundles src/page, which runs in a browser, with the libraries it is made of: index.html, page.js, page.css, layout-worker.js,
// and chunks that are loaded when a plot is shown. `node scripts/build-page.mjs DIR` builds it alone.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

export async function buildPage(into) {
  mkdirSync(into, { recursive: true })
  await bundleFor({ 'layout-worker': 'src/page/layout/worker.ts' }, into)
  await bundleFor({ page: 'src/page/main.tsx' }, into)
  copyFileSync('src/page/index.html', `${into}/index.html`)
  const sheets = readdirSync('src/page/style').toSorted()
  writeFileSync(
    `${into}/page.css`,
    sheets.map((name) => readFileSync(`src/page/style/${name}`, 'utf8').replace(/\/\*[^]*?\*\//g, '')).join('\n'),
  )
}

async function bundleFor(input, dir) {
  const { rolldown } = await import('rolldown')
  const bundled = await rolldown({
    input,
    platform: 'browser',
    tsconfig: 'src/page/tsconfig.json',
    checks: { eval: false },
  })
  await bundled.write({
    dir,
    format: 'esm',
    minify: true,
    comments: { legal: true },
    chunkFileNames: '[name]-[hash].js',
  })
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await buildPage(process.argv[2] ?? 'dist/page')
