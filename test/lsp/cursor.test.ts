import { describe, expect, test } from 'vitest'
import { cursorAt } from '../../src/lsp/cursor.js'

/** What is written where `|` stands: `role path word`, and what a completion replaces. */
const asked = (marked: string): string | undefined => {
  const offset = marked.indexOf('|')
  const text = marked.replace('|', '')
  const cursor = cursorAt(text, offset)
  if (cursor === undefined) return undefined
  const { role, path, word, from, to, opensMap } = cursor
  return `${role}${opensMap ? '?' : ''} /${path.join('/')} '${word}' replaces '${text.slice(from, to)}'`
}

describe('the cursor', () => {
  test('stands in a key, whatever comes after', () => {
    expect(asked('|')).toBe("value? / '' replaces ''")
    expect(asked('min|')).toBe("value? / 'min' replaces 'min'")
    expect(asked('tasks: a\nmin|')).toBe("key / 'min' replaces 'min'")
    expect(asked('tasks: a\nmi|n\nfrom_year: 1')).toBe("key / 'mi' replaces 'min'")
    expect(asked('tasks: a\n|\nfrom_year: 1')).toBe("key / '' replaces ''")
    expect(asked('mi|n_votes: 3')).toBe("key / 'mi' replaces 'min_votes'")
    expect(asked('model:\n  class: Ridge\n  |\nseed: 1')).toBe("key /model '' replaces ''")
    expect(asked('configs:\n  a:\n    tasks: x\n    mi|')).toBe("key /configs/a 'mi' replaces 'mi'")
  })

  test('stands in a value', () => {
    expect(asked('tasks: mov|')).toBe("value /tasks 'mov' replaces 'mov'")
    expect(asked('tasks: |\nmin_votes: 1')).toBe("value /tasks '' replaces ''")
    expect(asked('tasks:\n  - a.*\n  - mov|\nseed: 1')).toBe("value /tasks/1 'mov' replaces 'mov'")
    expect(asked('tasks: [a.*, mo|]')).toBe("value /tasks/1 'mo' replaces 'mo'")
    expect(asked('tasks: [\n  a.*,\n  mo|\n]')).toBe("value? /tasks/1 'mo' replaces 'mo'")
    expect(asked("uses: 'ba|se.yaml as x'")).toBe("value /uses 'ba' replaces 'base.yaml as x'")
    expect(asked('path: "{DA|"')).toBe("value /path '{DA' replaces '{DA'")
    expect(asked('model:\n  |')).toBe("value? /model '' replaces ''")
    expect(asked('model: { class: Ri|, kwargs: { l2: 1 } }')).toBe("value /model/class 'Ri' replaces 'Ri'")
    expect(asked('model: { class: Ridge, kwargs: { l| } }')).toBe("key /model/kwargs 'l' replaces 'l'")
  })

  test('stands in JSON that is being typed', () => {
    expect(asked('{ "tasks": "mov|" }')).toBe("value /tasks 'mov' replaces 'mov'")
    expect(asked('{ "tasks": ["a", "|')).toBe("value /tasks/1 '' replaces ''")
    expect(asked('{\n  "tasks": "a",\n  "min|"\n}')).toBe("key / 'min' replaces 'min'")
    expect(asked('{\n  "tasks": "a",\n  |\n}')).toBe("key / '' replaces ''")
  })

  test('counts code units, and lines that end in CRLF', () => {
    expect(asked('# 😀 žluťoučký\r\ntasks: a\r\nname: "😀{D|"\r\n')).toBe("value /name '😀{D' replaces '😀{D'")
    expect(asked('tasks: a\r\n|\r\nseed: 1\r\n')).toBe("key / '' replaces ''")
  })

  test('means nothing in comments, and survives what is no YAML', () => {
    expect(asked('tasks: a # mov|')).toBeUndefined()
    for (const text of ['[[[[{{{{|', '"|', 'a: b: c: |', '\t|', '%YAML 9|', '- - - ? |', '&a *a|', 'a: |\n  text\n |'])
      expect(() => cursorAt(text.replace('|', ''), text.indexOf('|'))).not.toThrow()
    expect(cursorAt(`${'['.repeat(100_000)}`, 100_000)).toBeUndefined()
  })
})
