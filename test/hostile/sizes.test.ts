// What is large or deep: answered, within bounds. FUZZ makes it ten megabytes.
import { describe, expect, test } from 'vitest'
import type { Project } from '../../src/declare/project.js'
import { project } from '../cases/project.js'
import { answerTo, type Answer } from './planning.js'

const size = process.env['FUZZ'] === undefined ? 50_000 : 10_000_000
const plan = (text: string, entry = 'config.yaml'): Promise<Answer> =>
  answerTo(project, { files: { [entry]: text }, entry })
const tagsOf = (answer: Answer): readonly string[] => (answer._tag === 'Refused' ? [...new Set(answer.tags)] : [])
const flood = (piece: string): string => piece.repeat(Math.ceil(size / piece.length))

describe('floods of one thing are refused', () => {
  test.each([
    '}',
    ']',
    '[',
    '{',
    '{a: ',
    '[,',
    '"',
    "'",
    '" ',
    '! ',
    '&a ',
    '*a ',
    '- ',
    '? ',
    ': ',
    '<<: ',
    'a: b: ',
    '{a} ',
    '{DATA_DIR}',
    '\n- ',
    '\n? ',
    'a\n',
    '#',
    '\n',
    '\r',
    '\t',
    '\0',
    ' ',
    '\\',
    '---\n',
    '%YAML 1.2\n',
    '|\n',
    '!!str ',
    '\u{1f600}',
    'e\u0301',
  ])(
    '%j',
    async (piece) => {
      expect((await plan(flood(piece)))._tag).toBe('Refused')
      expect((await plan(`tasks: movies.*\nsource_file: ${flood(piece)}`))._tag).toMatch(/Refused|Planned/)
    },
    600_000,
  )

  test.each(['[', '{"a":', '"', '[1,', '{"a":1,', '\\u0000', '9'])(
    '%j in JSON',
    async (piece) => {
      expect((await plan(flood(piece), 'config.json'))._tag).toBe('Refused')
    },
    600_000,
  )
})

describe('one value is large', () => {
  test('a scalar of ten megabytes, in every style', async () => {
    const text = 'x'.repeat(10_000_000)
    for (const value of [text, `"${text}"`, `'${text}'`, `|\n  ${text}\n`, `>\n  ${text}\n`, `!!str ${text}`])
      expect(tagsOf(await plan(`tasks: movies.*\nsource_file: ${value}`))).toEqual(['TooLarge'])
    expect(tagsOf(await plan(JSON.stringify({ tasks: 'movies.*', source_file: text }), 'config.json'))).toEqual([
      'TooLarge',
    ])
    expect(
      tagsOf(
        await answerTo(project as unknown as Project, { files: {}, entry: { tasks: 'movies.*', source_file: text } }),
      ),
    ).toContain('TooLarge')
    expect(
      tagsOf(
        await answerTo(project as unknown as Project, {
          files: {},
          entry: { tasks: 'movies.*', source_file: 'a' },
          contexts: [{ source_file: text }],
        }),
      ),
    ).toContain('TooLarge')
    expect(tagsOf(await plan(`${text}: 1`))).toEqual(['YamlSyntax']) // a key of that length must be marked as one
    expect(tagsOf(await plan(`? ${text}\n: 1`))).toEqual(['TooLarge'])
  }, 600_000)

  test('a name, a pattern or a path', async () => {
    const text = 'x'.repeat(1_000_000)
    for (const config of [
      `tasks: ${text}`,
      `tasks: ["${'*'.repeat(1_000_000)}"]`,
      `uses: ${text}`,
      `uses: a.yaml as ${text}`,
      `uses: a.yaml#${text}`,
      `human_readable_data_name: ${text}\ntasks: movies.*`,
    ])
      expect((await plan(config))._tag).toBe('Refused')
  }, 600_000)
})

describe('nesting', () => {
  test('ten thousand levels in every notation, under a context and by --set', async () => {
    const deep = 10_000
    let inner: unknown = 1
    for (let level = 0; level < deep; level++) inner = level % 2 === 0 ? { a: inner } : [inner]
    for (const text of [
      `a: ${'['.repeat(deep)}${']'.repeat(deep)}`,
      '{a: '.repeat(deep) + '}'.repeat(deep),
      '- '.repeat(deep),
      Array.from({ length: 3000 }, (_, level) => `${' '.repeat(level)}a:\n`).join(''),
    ])
      expect(tagsOf(await plan(text))).toEqual(['TooLarge'])
    expect(tagsOf(await plan(`${'[{"a":'.repeat(deep)}1${'}]'.repeat(deep)}`, 'config.json'))).toEqual(['TooLarge'])
    const entry = { tasks: 'movies.*', source_file: 'a', min_votes: 1 }
    for (const laid of [
      { contexts: [{ x: inner } as Record<string, unknown>] },
      { set: { x: inner } },
      { set: { [`x${'.a'.repeat(deep)}`]: 1 } },
    ])
      expect((await answerTo(project as unknown as Project, { files: {}, entry, ...laid }))._tag).toMatch(
        /Refused|Planned/,
      )
    expect((await answerTo(project as unknown as Project, { files: {}, entry: { ...entry, x: inner } }))._tag).toBe(
      'Refused',
    )
  }, 600_000)

  test('objects that hold themselves', async () => {
    const circle: Record<string, unknown> = { tasks: 'movies.*' }
    circle['source_file'] = circle
    expect((await answerTo(project as unknown as Project, { files: {}, entry: circle }))._tag).toBe('Refused')
    expect(
      (
        await answerTo(project as unknown as Project, {
          files: {},
          entry: { tasks: 'movies.*', source_file: 'a', min_votes: 1 },
          set: { min_votes: circle },
        })
      )._tag,
    ).toBe('Refused')
  })
})
