// What an editor is told, over plain data: no files, no processes.
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { defineObject, defineProject, defineTask, object, param } from '../../src/index.js'
import { completionsIn, definitionIn, hoverIn } from '../../src/lsp/answers.js'
import { declarationIn } from '../../src/lsp/definition.js'
import { problemsOfText, underlined } from '../../src/lsp/diagnostics.js'
import type { CheckFacts } from '../../src/lsp/facts.js'
import { guessedConfigs, kindOf, newState, type ProjectState } from '../../src/lsp/project-state.js'
import { factsOf } from '../../src/lsp/project/project-facts.js'

const Ridge = defineObject('Ridge', {
  args: {
    l2: param(t.number, { default: 1, doc: 'how much is shrunk' }),
    maxSteps: t.number,
    key: param(t.string, { secret: true, default: 'hunter2hunter2' }),
  },
}).create(() => ({}))
const Mean = defineObject('Mean', { args: {} }).create(() => ({}))
const films = {
  raw: defineTask({
    params: { source: t.string, apiKey: param(t.string, { secret: true, default: 'hunter2hunter2' }) },
    data: t.number,
  }).run(() => 1),
  filtered: defineTask({
    params: {
      minVotes: param(t.number, { default: 1000, doc: 'fewer do not count' }),
      kind: param(t.keyof({ film: null, show: null }), { default: 'film' }),
    },
    data: t.number,
    meta: { doc: 'those with votes' },
  }).run(() => 1),
}
const models = {
  trained: defineTask({
    params: { model: object(Ridge, Mean), verbose: param(t.boolean, { default: false }) },
    data: t.number,
  }).run(() => 1),
}
const project = defineProject({
  pipelines: { films, models },
  objects: { Ridge, Mean },
  globals: { DATA: '/secret/place' },
})
const facts = factsOf({ project, file: '/p/taskchain.config.ts', root: '/p' }, [
  { file: '/p/films.ts', exports: films },
])

const checked: CheckFacts = {
  problems: [],
  namespaces: ['train'],
  configs: [
    { config: 'configs/parts.yaml#a', outcome: 'fine', errors: 0, usedBy: undefined, gives: [] },
    {
      config: 'contexts/quick.yaml',
      outcome: 'context',
      errors: 0,
      usedBy: undefined,
      gives: [{ name: 'min_votes', line: 2 }],
    },
  ],
}
const state: ProjectState = {
  ...newState('/p/taskchain.config.ts', 'configs'),
  facts,
  checked,
  files: ['configs/a.yaml', 'configs/deep/b.yaml', 'configs/parts.yaml'],
}

const offered = (marked: string, origin = 'configs/a.yaml', known = state): readonly string[] => {
  const offset = marked.indexOf('|')
  const text = marked.replace('|', '')
  return completionsIn(known, { origin, text }, offset).map(
    ({ insert, from, to }) => text.slice(0, from) + insert + text.slice(to),
  )
}
const labels = (marked: string, origin?: string): readonly string[] => {
  const offset = marked.indexOf('|')
  return completionsIn(state, { origin: origin ?? 'configs/a.yaml', text: marked.replace('|', '') }, offset).map(
    ({ label }) => label,
  )
}

describe('completion', () => {
  test('offers first what the tasks of the config need, and nothing twice', () => {
    expect(labels('tasks: films.*\nkind: film\n|').slice(0, 3)).toEqual(['source', 'api_key', 'min_votes'])
    expect(labels('tasks: films.*\nkind: film\n|')).not.toContain('kind')
    expect(offered('tasks: films.*\nkind: film\nmin|')[2]).toBe('tasks: films.*\nkind: film\nmin_votes: ')
    expect(offered('tasks: films.*\n|: 3')).toContain('tasks: films.*\nmin_votes: 3')
  })

  test('says type, default and meaning, and no secret', () => {
    const found = completionsIn(state, { origin: 'configs/a.yaml', text: 'tasks: films.*\n' }, 15)
    expect(found.find(({ label }) => label === 'min_votes')).toMatchObject({
      detail: 'number = 1000',
      doc: 'fewer do not count\n\nread by `films:filtered`',
    })
    expect(found.find(({ label }) => label === 'api_key')).toMatchObject({ detail: 'string, secret' })
    expect(JSON.stringify([found, facts])).not.toMatch(/hunter2|secret\/place/)
  })

  test('offers tasks, groups, configs, parts and placeholders', () => {
    expect(labels('tasks: |')).toEqual(['films.*', 'models.*', 'films.raw', 'films.filtered', 'models.trained'])
    expect(labels('uses: |')).toEqual(['deep/b.yaml', 'parts.yaml', 'parts.yaml#a'])
    expect(labels('uses:\n  - |', 'configs/deep/b.yaml')).toContain('../parts.yaml#a')
    expect(offered('configs:\n  a: {}\n  b:\n    uses: |')).toContain('configs:\n  a: {}\n  b:\n    uses: "#a"')
    expect(offered('source: "x/{D|"')).toEqual(['source: "x/{DATA}"'])
  })

  test('offers values, classes and their arguments', () => {
    expect(labels('kind: |')).toEqual(['film', 'show'])
    expect(labels('verbose: |')).toEqual(['true', 'false'])
    expect(labels('model: { class: | }')).toEqual(['Ridge', 'Mean'])
    expect(labels('model:\n  class: Ridge\n  kwargs:\n    l2: 1\n    |')).toEqual(['max_steps', 'key'])
    expect(labels('model:\n  class: Mean\n  kwargs:\n    |')).toEqual([])
  })

  test('writes JSON in JSON', () => {
    expect(offered('{\n  "tasks": "films.*",\n  |\n}', 'configs/a.json')).toContain(
      '{\n  "tasks": "films.*",\n  "min_votes": \n}',
    )
    expect(offered('{ "kind": "|" }', 'configs/a.json')).toContain('{ "kind": "show" }')
    expect(offered('{ "kind": | }', 'configs/a.json')).toContain('{ "kind": "show" }')
  })

  test('knows contexts: values of all tasks, and namespaces', () => {
    expect(labels('|', 'contexts/quick.yaml')).toEqual(expect.arrayContaining(['min_votes', 'for_namespaces', 'uses']))
    expect(labels('|', 'contexts/quick.yaml')).not.toContain('tasks')
    expect(labels('for_namespaces:\n  |', 'contexts/quick.yaml')).toEqual(['train'])
    expect(labels('for_namespaces:\n  train:\n    min|', 'contexts/quick.yaml')).toContain('min_votes')
  })

  test('while the project loads, offers what files say', () => {
    const { facts: _, checked: __, ...loading } = state
    const early: ProjectState = { ...loading, facts: undefined, checked: undefined }
    expect(offered('uses: |', 'configs/a.yaml', early)).toContain('uses: deep/b.yaml')
    expect(offered('tas|', 'configs/a.yaml', early)).toContain('tasks: ')
    expect(offered('min|', 'notes/a.yaml', early)).toEqual([])
  })
})

describe('hover', () => {
  const hover = (marked: string, known = state): string | undefined =>
    hoverIn(known, { origin: 'configs/a.yaml', text: marked.replace('|', '') }, marked.indexOf('|'))?.text

  test('says who reads a value and what overrides it', () => {
    const reads = [
      {
        origin: 'configs/a.yaml',
        line: 2,
        column: 12,
        nodes: ['train::films:filtered'],
        overriddenAt: 'quick.yaml:3:4',
      },
    ]
    const views = new Map([['configs/a.yaml', { config: 'configs/a.yaml', nodes: 2, toRun: 1, reads }]])
    expect(hover('tasks: films.*\nmin_v|otes: 5\n', { ...state, views })).toBe(
      [
        '```ts\nmin_votes: number = 1000\n```',
        'fewer do not count\n\nread by `films:filtered`',
        'In this chain: `train::films:filtered`',
        '**Overridden** at quick.yaml:3:4',
        'Contexts that change it: `contexts/quick.yaml:2`',
      ].join('\n\n'),
    )
  })

  test('says what a pattern selects and what a class takes', () => {
    expect(hover('tasks: fil|ms.*')).toBe('- `films:raw`\n- `films:filtered`: those with votes')
    expect(hover('model: { class: Ri|dge }')).toContain('Ridge(l2: number = 1, max_steps: number, key: string, secret)')
    expect(hover('model: { class: Ridge, kwargs: { l|2: 3 } }')).toContain('how much is shrunk')
  })

  test('shows no value of a config', () => {
    expect(hover('api_key: s3cr|et-of-mine')).not.toContain('s3cret')
    expect(hover('unknown: some|thing')).toBeUndefined()
  })
})

describe('definition', () => {
  test('leads from a param, a pattern and a class to modules', () => {
    const of = (marked: string) =>
      definitionIn(state, { origin: 'configs/a.yaml', text: marked.replace('|', '') }, marked.indexOf('|'))
    expect(of('min_vo|tes: 3')).toEqual({
      of: 'code',
      wanted: [[{ file: '/p/films.ts', of: 'task', name: 'filtered', inside: 'minVotes' }]],
    })
    expect(of('tasks: films.r|aw')).toEqual({
      of: 'code',
      wanted: [[{ file: '/p/films.ts', of: 'task', name: 'raw', inside: undefined }]],
    })
    expect(of('uses: b.ya|ml as x')).toEqual({ of: 'config', uses: 'b.yaml as x' })
  })

  test('finds the declaration in the text of a module', () => {
    const text =
      "import x from 'y'\nexport const other = 1\nexport const filtered = defineTask({\n  params: { minVotes: t.number },\n})\nexport const last = 2\n"
    expect(declarationIn(text, { of: 'task', name: 'filtered', inside: undefined })).toEqual({
      line: 2,
      character: 13,
      length: 8,
    })
    expect(declarationIn(text, { of: 'task', name: 'filtered', inside: 'minVotes' })).toEqual({
      line: 3,
      character: 12,
      length: 8,
    })
    expect(declarationIn(text, { of: 'task', name: 'gone', inside: undefined })).toBeUndefined()
    expect(
      declarationIn('const a = 1\nexport { a as filtered }', { of: 'task', name: 'filtered', inside: undefined }),
    ).toEqual({ line: 1, character: 14, length: 8 })
    expect(
      declarationIn("export const R = defineObject('Ridge', { args: { l2: t.number } })", {
        of: 'class',
        name: 'Ridge',
        inside: 'l2',
      })?.character,
    ).toBe(49)
  })
})

describe('problems of a text by itself', () => {
  const shown = (text: string): readonly string[] =>
    underlined(problemsOfText('a.yaml', text), text).map(
      ({ stretch: { line, from, to }, code }) => `${line}:${from}-${to} ${code}`,
    )

  test('are underlined in code units, whatever ends the lines', () => {
    expect(shown('a: 1\r\n"😀": 1\r\n"😀": 2\r\n')).toEqual(['3:1-5 DuplicateKey'])
    expect(shown('tasks: 3\n')).toEqual(['1:8-9 BadStructure'])
    expect(shown('a: [1, 2\n')).toHaveLength(1)
    expect(shown('a: 1\n')).toEqual([])
  })

  test('show no number that may be secret', () => {
    expect(JSON.stringify(problemsOfText('a.yaml', 'pin: 99999999999999999999\n'))).not.toContain('9999')
  })
})

describe('which files are configs', () => {
  test('those in the folder of configs, contexts, and those that say so', () => {
    expect(kindOf(state, 'configs/x.yaml', '')).toBe('config')
    expect(kindOf(state, 'contexts/x.yaml', '')).toBe('context')
    expect(kindOf(state, '.github/workflows/ci.yaml', 'on: push')).toBeUndefined()
    expect(kindOf(state, 'other/x.yaml', '# yaml-language-server: $schema=../taskchain.schema.json')).toBe('config')
    expect(kindOf(state, 'other/x.yaml', '# yaml-language-server: $schema=../taskchain.contexts.schema.json')).toBe(
      'context',
    )
    expect(guessedConfigs("defineProject({ configs: 'settings/all' })")).toBe('settings/all')
  })
})
