import { openArtifact } from '../../src/runtime/run-info/hit-or-miss.js'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { figure, type VegaSpec } from '../../src/data/index.js'
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

  test('says which packages to install where they are missing', () => {
    const script = `
      import { figure } from ${JSON.stringify(resolve(import.meta.dirname, '../../src/data/index.ts'))}
      const { persistence } = figure()
      const source = { bytes: async () => await persistence.encode({ mark: 'bar' }) }
      const read = await persistence.decode(source)
      await persistence.beside({ mark: 'bar' }).catch(({ name, message, hint }) => console.log(JSON.stringify({ read, name, message, hint })))`
    expect(JSON.parse(execFileSync(process.execPath, without(['vega'], script), { encoding: 'utf8' }))).toEqual({
      read: { mark: 'bar' },
      name: 'FormatProblem',
      message: 'figures need the packages vega@6, vega-lite@6.4, @resvg/resvg-js@2, dejavu-fonts-ttf@2: not installed',
      hint: 'npm install vega@6 vega-lite@6.4 @resvg/resvg-js@2 dejavu-fonts-ttf@2',
    })
  })
})
