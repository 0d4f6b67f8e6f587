import { describe, expect, test } from 'vitest'
import { documentOf } from '../../src/config/document.js'
import { placeholdersOf, type BothForms } from '../../src/config/placeholders.js'
import type { Located } from '../../src/config/config-types.js'
import { right } from './reading.js'

const globals = {
  DATA_DIR: '/data',
  HOST: { value: 'here', inKey: true },
  KEPT: { value: 'kept', inKey: false },
  NESTED: '{DATA_DIR}',
}
const located = (value: unknown): Located =>
  right(documentOf('config', { value })).parts.get('')?.values.get('value') as Located
const both = (value: unknown): BothForms => placeholdersOf(globals).expand(located(value))

describe('placeholders', () => {
  test('the expanded form is filled in, the unexpanded keeps the name unless the global is in the key', () => {
    expect(both('{DATA_DIR}/x/{HOST}/{KEPT}')).toEqual({
      unexpanded: '{DATA_DIR}/x/here/{KEPT}',
      expanded: '/data/x/here/kept',
    })
  })

  test('in lists and maps at every depth, in values and not in keys', () => {
    const value = { '{DATA_DIR}': [{ a: '{DATA_DIR}' }, 'x'] }
    expect(both(value)).toEqual({ unexpanded: value, expanded: { '{DATA_DIR}': [{ a: '/data' }, 'x'] } })
  })

  test('what has nothing to fill in stays one object', () => {
    const value = located({ a: ['x', 1, null, '{literal}'] })
    const { unexpanded, expanded } = placeholdersOf(globals).expand(value)
    expect([unexpanded === value.value, expanded === value.value]).toEqual([true, true])
  })

  test('unknown names and other braces stay; what is filled in is not searched again', () => {
    expect(
      both('{title} {} {{title}} {{DATA_DIR} {DATA_DIR}} { DATA_DIR } {NESTED} {constructor} {__proto__}').expanded,
    ).toBe('{title} {} {{title}} {/data /data} { DATA_DIR } {DATA_DIR} {constructor} {__proto__}')
  })

  test('double braces mean the name in braces, triple ones the value in braces; the unexpanded form keeps what is to be filled in later', () => {
    expect(both('{{DATA_DIR}} {{{DATA_DIR}}} {{HOST}} {{{HOST}}} {{{{DATA_DIR}}}} {"a":{"b":{DATA_DIR}}}')).toEqual({
      unexpanded: '{{DATA_DIR}} {{{DATA_DIR}}} {{HOST}} {here} {{{{DATA_DIR}}}} {"a":{"b":{DATA_DIR}}}',
      expanded: '{DATA_DIR} {/data} {HOST} {here} {{/data}} {"a":{"b":/data}}',
    })
    const placeholders = placeholdersOf(globals)
    placeholders.expand(located('{{DATA_DRI}}'))
    expect(placeholders.warnings()).toEqual([])
  })

  test('numbers and URLs count as their text', () => {
    const placeholders = placeholdersOf({
      PORT: 8080,
      SITE: new URL('https://example.org/a'),
      KEYED: { value: 2, inKey: true },
    })
    expect(placeholders.expand(located('{SITE}:{PORT}/{KEYED}'))).toEqual({
      unexpanded: '{SITE}:{PORT}/2',
      expanded: 'https://example.org/a:8080/2',
    })
  })

  test('dollar signs in globals are plain text', () => {
    expect(placeholdersOf({ A: '$& $1 $$' }).text('{A}')).toBe('$& $1 $$')
  })

  test('a name that nearly is a global is told once for each place', () => {
    const placeholders = placeholdersOf(globals)
    const value = located(['{DATA_DRI} {DATA_DRI}', '{data_dir}', '{title}'])
    placeholders.expand(value)
    placeholders.expand(value)
    expect(placeholders.warnings()).toMatchObject([
      { _tag: 'NearPlaceholder', placeholder: '{DATA_DRI}', near: ['{DATA_DIR}'] },
      { _tag: 'NearPlaceholder', placeholder: '{data_dir}', near: ['{DATA_DIR}'] },
    ])
  })

  test('without globals nothing is looked for', () => {
    const placeholders = placeholdersOf()
    placeholders.expand(located('{ANY}'))
    expect(placeholders.warnings()).toEqual([])
  })
})
