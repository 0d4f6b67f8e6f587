import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorFromData, errorToData } from '../../src/workers/error-data.js'

/** As a thread gets it. */
// what came through is what the tests are about
const crossed = (value: unknown): any => errorFromData(structuredClone(errorToData(value)))

class OutOfQuota extends RangeError {
  override readonly name = 'OutOfQuota'
  readonly code = 'E_QUOTA'
  readonly left = { tokens: 0 }
}

describe('errors that cross to another thread', () => {
  it('keep name, message, stack, causes and fields of their own', () => {
    const error = new OutOfQuota('no tokens left', { cause: new TypeError('the service said no', { cause: 'a text' }) })
    const { name, message, stack, code, left, cause } = crossed(error)
    expect({ name, message, stack, code, left }).toEqual({
      name: 'OutOfQuota',
      message: 'no tokens left',
      stack: error.stack,
      code: 'E_QUOTA',
      left: { tokens: 0 },
    })
    expect(crossed(error)).toBeInstanceOf(Error)
    expect([cause.name, cause.message, cause.cause]).toEqual(['TypeError', 'the service said no', 'a text'])
  })

  it('are found within values, and what cannot be copied is told as text', () => {
    const { error, list, run } = crossed({
      error: new Error('inside'),
      list: [new RangeError('in a list')],
      run: () => 1,
    })
    expect([error.message, list[0].name, run]).toEqual(['inside', 'RangeError', '() => 1'])
  })

  it('keep the errors that an AggregateError holds', () => {
    const { errors } = crossed(new AggregateError([new Error('first'), new Error('second')]))
    expect(errors.map((one: Error) => one.message)).toEqual(['first', 'second'])
  })

  it('may be their own cause', () => {
    const error = new Error('round')
    error.cause = error
    expect(crossed(error).cause.cause.message).toBe('round')
  })

  it('without a cause have none', () => {
    expect('cause' in crossed(new Error('alone'))).toBe(false)
  })
})

it('plain values come through as they are', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(crossed(value)).toEqual(value)
    }),
  )
})

describe('what hangs on an error', () => {
  interface Branch {
    readonly parent: Branch | undefined
    readonly children: Branch[]
  }
  const tree = (depth: number, parent?: Branch): Branch => {
    const branch: Branch = { parent, children: [] }
    if (depth > 0) for (let child = 0; child < 4; child++) branch.children.push(tree(depth - 1, branch))
    return branch
  }
  const sizeOf = (value: unknown, above: readonly unknown[] = []): number =>
    typeof value !== 'object' || value === null || above.includes(value)
      ? 1
      : Object.values(value).reduce<number>((sum, part) => sum + sizeOf(part, [...above, value]), 1)

  it('may be a tree whose nodes know their parents: as much as is bearable crosses, the nearest', () => {
    const { message, tree: copy } = crossed(Object.assign(new Error('no luck'), { tree: tree(8) }))
    expect([message, copy.children[3].parent === copy, copy.children[3].children[3].children.length]).toEqual([
      'no luck',
      true,
      4,
    ])
    expect(sizeOf(copy)).toBeLessThan(60_000)
  })

  it('may share its parts, of which there would be a million million when told one by one', () => {
    let shared: object = { leaf: 1 }
    for (let level = 0; level < 40; level++) shared = { left: shared, right: shared }
    expect(sizeOf(crossed({ shared }).shared)).toBeLessThan(60_000)
  })

  it('may be long lists, linked lists and large buffers', () => {
    const list = Array.from({ length: 50_000 }, (_, index): { index: number; next?: unknown } => ({ index }))
    list.forEach((item, index) => (item.next = list[index + 1]))
    const copy = crossed(
      Object.assign(new Error('no luck'), { list, bytes: new Uint8Array(2 ** 21), few: Uint8Array.of(1, 2) }),
    )
    expect([copy.list[0].index, copy.list.at(-1), copy.bytes, copy.few]).toEqual([
      0,
      '…',
      '[Uint8Array of 2097152 bytes]',
      Uint8Array.of(1, 2),
    ])
    expect(crossed(Object.assign([], { length: 2 ** 32 - 1 })).length).toBeLessThan(20_000)
  })

  it('may throw when it is read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const trap = {
      get inside(): string {
        throw new Error('trap')
      },
    }
    expect(crossed(Object.assign(new Error('no luck'), { proxy, trap, after: 1 }))).toMatchObject({
      message: 'no luck',
      proxy: '[unreadable]',
      trap: { '[unreadable]': '[unreadable]' },
      after: 1,
    })
  })
})
