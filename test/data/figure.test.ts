import { openArtifact } from '../../src/runtime/run-info/hit-or-miss.js'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { figure, type FigureOptions, type VegaSpec } from '../../src/data/index.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { openChain } from '../../src/open-chain.js'
import { checkFormat } from '../../src/testing/index.js'
import { freshFolder, persistenceOf, problemIn, removeFolders } from './artifact.js'
import { without } from './without-packages.js'

afterAll(removeFolders)

const bars = {
  title: 'Größe & Zahl',
  data: {
    values: [
      { a: 'A', b: 28 },
      { a: 'B', b: 55 },
    ],
  },
  mark: 'bar',
  encoding: { x: { field: 'a', type: 'nominal' }, y: { field: 'b', type: 'quantitative' } },
} as const
const circles = {
  $schema: 'https://vega.github.io/schema/vega/v6.json',
  width: 20,
  height: 20,
  marks: [{ type: 'symbol', encode: { enter: { x: { value: 5 }, y: { value: 5 } } } }],
}
const readySvg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text x="2" y="15">Abc</text></svg>'

const viewsOf = async (
  value: unknown,
  format = figure(),
): Promise<{ readonly svg: string; readonly png: Buffer | undefined }> => {
  const views = await persistenceOf(format).beside?.(value)
  return { svg: Buffer.from(views?.['svg'] ?? []).toString(), png: views?.['png'] && Buffer.from(views['png']) }
}

/** Width and height of a PNG. */
const pixels = (png: Buffer | undefined): readonly number[] => [png?.readUInt32BE(16) ?? 0, png?.readUInt32BE(20) ?? 0]

describe('figure', () => {
  test('keeps what formats promise to keep', async () => {
    await checkFormat(figure(), {
      values: [bars, circles, readySvg, { layer: [bars] }],
      refused: [undefined, null, 3, [], {}, 'text', '<svg', { mark: 'bar', title: NaN }, '<svg>\ud800</svg>'],
    })
  })

  test('is a specification to its readers, and may be typed closer', () => {
    expectTypeOf(figure()._A).toEqualTypeOf<VegaSpec | string>()
    expectTypeOf(figure<typeof bars>()._A).toEqualTypeOf<typeof bars>()
  })

  test('is drawn the same every time, whatever was drawn before', async () => {
    const sampled = {
      ...bars,
      transform: [{ sample: 1 }, { calculate: 'random()', as: 'b' }],
      mark: { type: 'bar', clip: true },
    }
    const first = await viewsOf(sampled)
    await viewsOf(circles)
    const [second, third] = await Promise.all([viewsOf(sampled), viewsOf(sampled), viewsOf(bars)])
    expect(second).toEqual(first)
    expect(third).toEqual(first)
  })

  test('has its texts in the SVG and visible in the PNG, whatever font they ask for', async () => {
    const { svg, png } = await viewsOf(bars)
    expect(svg).toContain('>Größe &amp; Zahl</text>')
    const without = { ...bars, title: undefined as never, config: { axis: { labels: false, title: null } } }
    const bare = await viewsOf(JSON.parse(JSON.stringify(without)))
    expect(png?.length).toBeGreaterThan((bare.png?.length ?? Infinity) * 1.5)
    const text = (font: string): string =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text x="2" y="15" font-family="${font}">Abc</text></svg>`
    const [shipped, unknown, empty] = await Promise.all([
      viewsOf(text('DejaVu Sans')),
      viewsOf(text('Helvetica Neue, No Such Font')),
      viewsOf(text('x').replace('Abc', '')),
    ])
    expect(unknown.png?.length).toBeGreaterThan((empty.png?.length ?? Infinity) * 2)
    expect(shipped.png?.length).toBeGreaterThan((empty.png?.length ?? Infinity) * 2)
  })

  test('a font that cannot be used is an error before anything is computed', async () => {
    const folder = await freshFolder()
    const [text, web, missing] = [join(folder, 'a.ttf'), join(folder, 'b.woff2'), join(folder, 'c.ttf')]
    await writeFile(text, 'no font at all')
    await writeFile(web, 'wOF2 and more')
    for (const [font, problem] of [
      [text, `figure: the font ${text} is no font`],
      [web, `figure: the font ${web} is a web font (WOFF)`],
      [missing, `figure: the font ${missing} cannot be read: ENOENT`],
      [folder, `figure: the font ${folder} cannot be read: EISDIR`],
    ] as const) {
      const format = figure({ fonts: [font] })
      await expect(persistenceOf(format).prepare?.(), font).rejects.toThrow(problem)
      await expect(viewsOf(readySvg, format), font).rejects.toThrow(problem)
      await expect(persistenceOf(figure({ fonts: [font], png: false })).prepare?.()).resolves.toBeUndefined()
    }
  })

  test('a ready SVG stays as it is', async () => {
    const { svg, png } = await viewsOf(readySvg)
    expect(svg).toBe(readySvg)
    expect(pixels(png)).toEqual([80, 40])
  })

  test('the PNG may be left out, or be larger', async () => {
    expect((await viewsOf(bars, figure({ png: false }))).png).toBeUndefined()
    expect(pixels((await viewsOf(readySvg, figure({ scale: 3 }))).png)).toEqual([120, 60])
    expect(() => figure({ scale: 0 })).toThrow('figure: scale 0 is not between 0 and 20')
  })

  test.each([
    [
      'no mark',
      { data: {} },
      'not a Vega-Lite or Vega specification: it has no mark, layer, concat, hconcat, vconcat, repeat, spec or marks',
    ],
    [
      'data from elsewhere',
      { ...bars, data: { url: '/etc/passwd' } },
      'the figure cannot be drawn: it wants /etc/passwd, but figures fetch nothing: put the rows into data.values',
    ],
    [
      'an expression that is none',
      { ...bars, transform: [{ filter: 'datum.b >' }] },
      'the figure cannot be drawn: Unexpected end of input',
    ],
    [
      'a function that is none',
      { marks: [], signals: [{ name: 'x', update: 'nothing(1)' }] },
      'the figure cannot be drawn: Unrecognized function: nothing',
    ],
    [
      'an SVG that does not end',
      '<svg><g>',
      'the SVG cannot be drawn: SVG data parsing failed cause the root node was opened but never closed',
    ],
  ])('%s is refused with the reason', async (_, value, message) => {
    expect(await problemIn(() => viewsOf(value))).toMatchObject({ name: 'FormatProblem', message })
  })

  test('stands beside its JSON in a store on disk and in memory, and is read by who has no package for figures', async () => {
    const root = await freshFolder()
    const drawn = defineTask({ data: figure() }).run(() => bars)
    const open = (store: string | ReturnType<typeof memoryStore>) =>
      openChain(defineProject({ root, pipelines: { figures: { drawn } } }), { config: { tasks: 'figures.*' }, store })
    const chain = await open(join(root, 'store'))
    expect(await chain.value(drawn)).toEqual(bars)
    const data = chain.task(drawn).dataPath as string
    await chain.linkReadable()
    await chain.close()
    const { svg, png } = await viewsOf(bars)
    expect(await readFile(data.replace(/json$/, 'svg'), 'utf8')).toBe(svg)
    expect(await readFile(join(dirname(data), 'config.png'))).toEqual(png)
    expect(existsSync(join(dirname(data), 'config.svg'))).toBe(true)
    const store = memoryStore()
    const inMemory = await open(store)
    await inMemory.value(drawn)
    const found = await openArtifact(store, {
      folder: 'figures/drawn',
      key: inMemory.plan.nodes[0]?.key as string,
      extension: 'json',
    })
    expect('beside' in found && Buffer.from((await found.beside?.('svg')) ?? []).toString()).toBe(svg)
    await inMemory.close()
  })

  const allPackages = 'vega@6 vega-lite@6.4 @resvg/resvg-js@2 dejavu-fonts-ttf@2'
  const noVega = "; SVG text needs no Vega: figure({ language: 'svg' })"
  test.each([
    ['vega', {}, allPackages + noVega],
    ['@resvg/resvg-js', {}, allPackages],
    ['vega', { png: false }, `vega@6 vega-lite@6.4${noVega}`],
    ['vega-lite', { png: false, language: 'vega-lite' }, `vega@6 vega-lite@6.4${noVega}`],
    ['vega-lite', { language: 'vega' }, undefined],
    ['vega', { language: 'svg' }, undefined],
    ['@resvg/resvg-js', { language: 'svg' }, '@resvg/resvg-js@2 dejavu-fonts-ttf@2'],
    ['@resvg/resvg-js', { png: false }, undefined],
    ['@resvg/resvg-js', { png: false, language: 'svg' }, undefined],
  ] as const)('without %s, figure(%j) says before run what to install', (missing, options, install) => {
    const script = `
      import { figure } from ${JSON.stringify(resolve(import.meta.dirname, '../../src/data/index.ts'))}
      const { prepare, encode, decode, beside } = figure(${JSON.stringify(options)}).persistence
      const value = { svg: ${JSON.stringify(readySvg)}, vega: ${JSON.stringify(circles)} }[${JSON.stringify(options)}.language] ?? { mark: 'bar' }
      const read = await decode({ bytes: async () => encode(value) })
      const told = await prepare().then(() => beside(value)).then(Object.keys, ({ name, hint }) => name + ': ' + hint)
      console.log(JSON.stringify([read !== undefined, told]))`
    const pictures = 'png' in options ? ['svg'] : ['svg', 'png']
    expect(JSON.parse(execFileSync(process.execPath, without([missing], script), { encoding: 'utf8' }))).toEqual([
      true,
      install === undefined ? pictures : `FormatProblem: npm install ${install}`,
    ])
  })

  test('takes one language only where it says so', async () => {
    await checkFormat(figure({ language: 'svg' }), { values: [readySvg], refused: [bars, circles] })
    await checkFormat(figure({ language: 'vega' }), { values: [circles], refused: [bars, readySvg] })
    expect(await problemIn(async () => persistenceOf(figure({ language: 'svg' })).encode(bars))).toMatchObject({
      message: 'expected SVG text, got a Vega-Lite specification',
      hint: "figure({ language: 'vega-lite' }) accepts it",
    })
  })

  test('pictures that were made with other options are a miss by name when a figure is opened', async () => {
    const root = await freshFolder()
    const open = async (options: FigureOptions) => {
      const drawn = defineTask({ name: 'drawn', data: figure(options) }).run(() => bars)
      const missed: string[] = []
      const chain = await openChain(defineProject({ root, pipelines: { figures: { drawn } } }), {
        config: { tasks: 'figures.*' },
        store: join(root, 'store'),
        onEvent: (event) => void (event._tag === 'missed' && missed.push(event.reason)),
      })
      await chain.value(drawn)
      const path = chain.task(drawn).dataPath as string
      await chain.close()
      return { missed, path }
    }
    const font = join(root, 'Extra.ttf')
    await copyFile(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'), font)
    const { path } = await open({ png: false })
    const kept = 'refused by its codec: kept with'
    expect((await open({ png: false, scale: 3 })).missed).toEqual([]) // there is no PNG to be larger
    expect((await open({})).missed).toEqual([`${kept} svg, declared with svg, png at scale 2`])
    expect((await open({ scale: 2 })).missed).toEqual([])
    expect((await open({ scale: 3 })).missed).toEqual([
      `${kept} svg, png at scale 2, declared with svg, png at scale 3`,
    ])
    expect((await open({ fonts: [font] })).missed).toEqual([
      `${kept} svg, png at scale 3, declared with svg, png at scale 2, font Extra.ttf`,
    ])
    expect((await open({ png: false })).missed).toHaveLength(1)
    expect(existsSync(path.replace(/json$/, 'png'))).toBe(false)
    const runInfo = path.replace(/json$/, 'run_info.yaml')
    const text = await readFile(runInfo, 'utf8')
    expect(text).toContain('\n  views: svg\n')
    await writeFile(runInfo, text.replace('\n  views: svg\n', '\n')) // as earlier versions wrote it
    expect((await open({ scale: 5 })).missed).toEqual([])
  })
})
