// `taskchain report`: one file with all that it shows, or Markdown for a pull request.
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addressOf } from '../../src/ui/addresses.js'
import type { ChainAnswer, CompareAnswer, Embedded } from '../../src/ui/contract.js'
import { githubSummary } from '../../src/ui/report/github-summary.js'
import { reportHtml } from '../../src/ui/report/report-html.js'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, inProcess, projectFiles, remove, start, write } from '../cli/fixture.js'

beforeAll(builtOnce)

const index = `<!doctype html>
<html><head>
<link rel="stylesheet" href="page.css">
<script type="module" src="page.js"></script>
</head><body></body></html>`
const parts = { index, style: 'body{}', script: 'const a = "</script><!--"', worker: 'postMessage("</SCRIPT>")' }
const embedded: Embedded = {
  schema: 1,
  config: '</script><script>alert(1)</script>',
  answers: { '<!--': ['\u2028', '<script>'] },
  files: {},
  plots: {},
  left: [],
}

describe('the file', () => {
  test('has everything inside, and allows its own script alone', () => {
    const html = reportHtml(parts, embedded) ?? ''
    expect(html).not.toMatch(/src="|href="/)
    expect(html.match(/<script/g)?.length).toBe(3)
    expect(html.match(/<\/script/gi)?.length).toBe(3)
    expect(html).not.toContain('<!--')
    const [, script = ''] = /<script type="module">([^]*?)<\/script>/.exec(html) ?? []
    const hash = createHash('sha256').update(script).digest('base64')
    expect(html).toContain(`script-src 'sha256-${hash}'`)
    expect(html).toMatch(/<head>\s*<meta http-equiv="content-security-policy" content="default-src 'none';/)
    expect(html).not.toContain('unsafe')
    expect(new Function(`${script}; return a`)()).toBe('</script><!--')
    const [, data = ''] = /id="taskchain-embedded">([^]*?)<\/script>/.exec(html) ?? []
    expect(JSON.parse(data)).toEqual(embedded)
  })

  test('is none where the page is not built as it should be', () => {
    expect(reportHtml({ ...parts, index: '<html></html>' }, embedded)).toBeUndefined()
    expect(reportHtml({ ...parts, index: '' }, embedded)).toBeUndefined()
  })
})

describe('the command', () => {
  let folder: string
  const say = (...words: string[]) => inProcess(folder, words)
  beforeAll(async () => {
    folder = emptyFolder()
    write(folder, {
      ...projectFiles,
      'configs/more.yaml': 'tasks: films.*\nhow_many: 9\nx-note: 1\n',
      'taskchain.config.js': `import { defineProject, defineTask } from 'taskchain'
import * as t from 'io-ts'
import * as films from './films.js'
const all = defineTask({ data: t.string }).run(() => 'x'.repeat(34e6))
export default defineProject({ pipelines: { films, large: { all } } })
`,
      'configs/large.yaml': 'tasks: large.all\n',
    })
    await say('run', 'films')
    await say('run', 'more')
  })
  afterAll(() => remove(folder))

  const dataIn = (file: string): Embedded => {
    const html = readFileSync(join(folder, file), 'utf8')
    return JSON.parse(/id="taskchain-embedded">([^]*?)<\/script>/.exec(html)?.[1] ?? '') as Embedded
  }

  test('writes the same bytes for the same state, with nothing of the machine', async () => {
    const { code, out } = await say('report', 'films')
    expect([code, out]).toEqual([0, expect.stringMatching(/^films\.html: [\d.]+ kB, 5 values\n$/) as string])
    await say('report', 'configs/films.yaml', '-o', 'again.html')
    const html = readFileSync(join(folder, 'films.html'), 'utf8')
    expect(readFileSync(join(folder, 'again.html'), 'utf8')).toBe(html)
    expect(html).not.toContain(folder)
    expect(JSON.stringify(dataIn('films.html'))).not.toContain(JSON.stringify(hostname()))
    const { answers, left } = dataIn('films.html')
    const config = 'configs/films.yaml'
    expect(left).toEqual([])
    expect(answers[addressOf('project', {})]).toMatchObject({ configs: [config], actions: false, root: '' })
    expect(answers[addressOf('chain', { config })]).toMatchObject({ counts: { cached: 4, in_memory: 1 } })
    expect(answers[addressOf('preview', { config, node: 'films:summary' })]).toMatchObject({
      preview: { kind: 'tree' },
    })
    expect(answers[addressOf('log', { config, node: 'films:all', which: 'kept' })]).toMatchObject({ which: 'kept' })
    expect(answers[addressOf('runs', { config, offset: 0, limit: 50 })]).toMatchObject({ count: 1 })
  })

  test('draws metrics over the runs, the same everywhere', async () => {
    await say('run', 'films', '--set', 'how_many=8')
    const drawn = async (zone: string) => {
      const file = `${zone.replace('/', '-')}.html`
      const words = [command, 'report', 'films', '-o', file]
      expect(await start(process.execPath, words, folder, { TZ: zone }).ended).toMatchObject({ code: 0 })
      return dataIn(file).plots
    }
    const plots = await drawn('UTC')
    const [, text = ''] = /^data:image\/svg\+xml;base64,(.*)$/.exec(plots['0'] ?? '') ?? []
    const svg = Buffer.from(text, 'base64').toString('utf8')
    expect(Object.keys(plots)).toEqual(['0'])
    expect(svg).toMatch(/^<svg [^]*<path [^]*<\/svg>$/)
    expect(svg).not.toMatch(/<script|href=|url\((?!#)/)
    expect(await drawn('Asia/Tokyo')).toEqual(plots)
  })

  test('leaves large values out by name, with their size', async () => {
    await say('run', 'large')
    const { out } = await say('report', 'large', '--json', '--against', 'more')
    expect(JSON.parse(out)).toMatchObject({
      file: 'large.html',
      left: [
        {
          node: 'large:all',
          size: 34_000_002,
          reason: expect.stringContaining('too large') as string,
        },
      ],
    })
    const [before, config] = ['configs/more.yaml', 'configs/large.yaml']
    const { answers } = dataIn('large.html')
    expect(answers[addressOf('preview', { config, node: 'large:all' })]).toMatchObject({
      preview: { kind: 'left out' },
    })
    expect(answers[addressOf('compare', { before, after: config })]).toMatchObject({
      nodes: expect.arrayContaining([{ id: 'large:all', change: 'added', because: [] }]) as object,
    })
  })

  test('prints Markdown: what changed since the last run with other values, or against a config', async () => {
    const against = await say('report', 'more', '--github', '--against', 'films')
    expect(against.out).toBe(`### configs/more.yaml

5 nodes: 4 cached, 1 in memory

**Against configs/films.yaml**: 0 nodes are the same, 5 differ.

| param | before | after | where |
|---|---|---|---|
| \`howMany\` | \`12\` | \`9\` | \`configs/more.yaml:2\` |

| differs itself | because of |
|---|---|
| \`films:all\` | param howMany |

Differs through its inputs: \`films:filtered\`, \`films:exported\`, \`films:index\`, \`films:summary\`

| metric | before | after | change |
|---|---|---|---|
| \`films:summary films\` | 10 | 7 | -3 (-30.0 %) |
`)
    expect((await say('report', 'more', '--github')).out).toContain('Nothing to compare with')
    write(folder, { 'configs/more.yaml': 'tasks: films.*\nhow_many: 10\n' })
    expect((await say('report', 'more', '--github')).out).toMatch(/\*\*Against run \d{8}-[^]*`9` \| `10`/)
  })

  test('names what the store has outside of itself', async () => {
    const at = join(folder, 'data/tasks/films/summary')
    renameSync(at, join(folder, 'elsewhere'))
    symlinkSync(join(folder, 'elsewhere'), at)
    const { code, out } = await say('report', 'films', '--json', '-o', 'outside.html')
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      { left: [{ node: 'films:summary', reason: expect.stringContaining('a link') as string }] },
    ])
    rmSync(at)
    renameSync(join(folder, 'elsewhere'), at)
  })

  test('says what is wrong', async () => {
    expect(await say('report', 'flims')).toMatchObject({
      code: 3,
      err: expect.stringContaining("did you mean 'configs/films.yaml'") as string,
    })
    expect(await say('report', 'films', '-o', 'no/such/folder.html')).toMatchObject({ code: 3 })
    expect(await say('report', 'films', '-o', 'x.html', '--github')).toMatchObject({ code: 3 })
    write(folder, { 'configs/wrong.yaml': 'tasks: films.*\nhow_many: many\n' })
    expect(await say('report', 'wrong')).toMatchObject({ code: 2 })
  })
})

test('names and values are no markup in Markdown', () => {
  const chain: ChainAnswer = {
    schema: 1,
    config: 'a|b<img>@team[x](y).yaml',
    context: null,
    nodes: [],
    edges: [],
    groups: [],
    namespaces: [],
    counts: {},
    pending: { nodes: 0, atLeast: 0, atMost: 0, seconds: 0, timed: 0 },
    warnings: [],
    fingerprint: '',
  }
  const compared: CompareAnswer = {
    schema: 1,
    before: 'x\n# y',
    after: 'z',
    nodes: [{ id: 'a:b', change: 'root', because: ['param `<b>`|'] }],
    same: 0,
    params: [
      {
        name: 'p|q`r',
        inKey: true,
        before: null,
        after: '',
        text: { before: null, after: '``|\n``' },
        place: { before: null, after: null },
        nodes: [],
      },
    ],
    metrics: [],
  }
  const lines = githubSummary(chain, compared).split('\n')
  expect(lines[0]).toBe('### a\\|b\\<img\\>@\u200bteam\\[x\\]\\(y\\).yaml')
  expect(lines).toContain('**Against x \\# y**: 0 nodes are the same, 1 differ.')
  expect(lines).toContain('| ``p\\|q`r`` |  | ``` ``\\| `` ``` | default |')
  expect(lines).toContain('| `a:b` | param \\`\\<b\\>\\`\\| |')
})
