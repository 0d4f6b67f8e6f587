import { describe, expect, test } from 'vitest'
import { mayReadContext, usedArguments } from '../../src/runtime/task-run/arguments/used-arguments.js'

const used = (source: string): readonly string[] | 'all' => {
  const answer = usedArguments(Function(`return (${source})`)())
  return answer === 'all' ? 'all' : [...answer]
}

describe('arguments that a run function reads', () => {
  test.each([
    ['({ a, b }) => a + b', ['a', 'b']],
    ['({ a: first, b = { x: [1, "}"] }, c }, context) => c', ['a', 'b', 'c']],
    ['async ({ a }) => a', ['a']],
    ['async function* ({ a }) { yield a }', ['a']],
    ['function run({ a: { deep } }) { return deep }', ['a']],
    ['({ /* why */ a, // and\n b }) => a', ['a', 'b']],
    ['({ "quoted name": a }) => a', ['quoted name']],
    ['() => 1', []],
    ['(_, { inputs }) => inputs[0]', []],
    ['_ => 1', []],
  ])('%s', (source, names) => expect(used(source)).toEqual(names))

  test.each([
    ['(args) => args.a'],
    ['args => args'],
    ['({ a, ...rest }) => rest'],
    ['({ ["a" + 1]: a }) => a'],
    ['function () { return arguments[0].a }'],
    ['({ a = `}` }) => a'],
    ['([first]) => first'],
  ])('all of them where the source does not say: %s', (source) => expect(used(source)).toBe('all'))

  test('all of them for what is no function of ours', () => {
    expect(usedArguments(Math.max)).not.toEqual(new Set(['a']))
    expect(usedArguments(undefined)).toBe('all')
    expect(usedArguments(({ a }: { a: number }) => a)).toEqual(new Set(['a']))
  })
})

describe('whether a run function may read its context', () => {
  const may = (source: string): boolean => mayReadContext(Function(`return (${source})`)())

  test.each([
    ['() => 1'],
    ['(args) => args.a'],
    ['args => args'],
    ['async ({ a, b = 1 }) => a'],
    ['function* ({ a }) { yield a }'],
    ['({ ["a"]() { return 1 }, run(args) { return args } }).run'],
  ])('it has no way to it: %s', (source) => expect(may(source)).toBe(false))

  test.each([
    ['(args, { log }) => log'],
    ['({ a }, context) => context'],
    ['(args, context = {}) => context'],
    ['(...all) => all'],
    ['(args, ...rest) => rest'],
    ['(args = {}, context) => context'],
    ['({ a } = {}, context = {}) => context'],
    ['function (args) { return arguments[1] }'],
    ['function (args) { return eval("argum" + "ents[1]") }'],
    ['((args, context) => context).bind(undefined)'],
    ['new Proxy(() => 1, {})'],
    ['({ ["a"](args) { return args } }).a'],
  ])('it has, or its source does not say: %s', (source) => expect(may(source)).toBe(true))
})
