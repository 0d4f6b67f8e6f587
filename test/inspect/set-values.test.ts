import { describe, expect, test } from 'vitest'
import { setValues } from '../../src/inspect/set-values.js'

describe('--set', () => {
  test('reads values as YAML, later ones win, dotted names stay', () => {
    expect(
      setValues([
        'votes=500',
        'title=a: b',
        'list=[1, 2.5, x]',
        'empty=',
        'model.kwargs.l2=0.1',
        'text="1"',
        'equals=a=b',
        'votes=7',
        'old=yes',
      ]),
    ).toEqual({
      votes: 7,
      title: { a: 'b' },
      list: [1, 2.5, 'x'],
      empty: null,
      'model.kwargs.l2': 0.1,
      text: '1',
      equals: 'a=b',
      old: 'yes',
    }) // oxfmt-ignore
  })

  test.each([
    ['votes', '--set votes: say name=value, as in --set min_votes=500'],
    ['=1', '--set =1: say name=value, as in --set min_votes=500'],
    ['a=[1', '--set a=[1: its value is not valid YAML: '],
    ['a=*b', '--set a=*b: its value is not valid YAML: '],
    [
      'a=99999999999999999999',
      '--set a=99999999999999999999: 99999999999999999999 has more digits than a number can hold; ',
    ],
  ])('refuses %s', (given, message) => {
    expect(() => setValues([given])).toThrow(
      expect.objectContaining({ name: 'TaskchainError', message: expect.stringContaining(message) as string }) as Error,
    )
  })

  test('takes no prototype for a value', () => {
    const values = setValues(['__proto__={polluted: true}'])
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype)
    expect(Object.keys(values)).toEqual(['__proto__'])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})
