// The place of a failure is the user's, however their folders are called.
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { framesOf } from '../src/explain/frames.js'
import { thrownAt } from '../src/explain/words.js'

const root = resolve(import.meta.dirname, '..')
const stackOf = (...places: readonly string[]): string =>
  [
    'Error: no luck',
    ...places.map((place, index) => (index % 2 === 0 ? `    at run${index} (${place})` : `    at ${place}`)),
  ].join('\n')
const thrownIn = (...places: readonly string[]): string | undefined =>
  thrownAt(Object.assign(new Error('no luck'), { stack: stackOf(...places) }))

describe('the place where something was thrown', () => {
  it.each([
    '/home/me/shop/src/data/films.ts',
    '/home/me/shop/src/runtime/train.ts',
    '/home/me/shop/dist/declare/films.js',
    '/home/me/taskchain/dist/films.js',
    '/home/me/my project (2)/films.js',
    '/home/me/node:tasks/films.js',
    '/home/me/node_modules_of_mine/films.js',
  ])('is %s, whether it is told as a path or as an address', (file) => {
    const caller = '/home/me/shop/src/caller.ts:1:1'
    for (const place of [file, pathToFileURL(file).href])
      expect([
        thrownIn(`${place}:12:9`, caller),
        thrownIn('node:internal/timers:5:5', `${place}:12:9`, caller),
      ]).toEqual([`${file}:12:9`, `${file}:12:9`])
  })

  it('is none of this package, of packages and of Node', () => {
    const ours = join(root, 'src/runtime/task-run/compute.ts')
    expect(
      thrownIn(
        `${ours}:1:1`,
        pathToFileURL(ours).href + ':2:2',
        'node:internal/process:3:3',
        '/p/node_modules/io-ts/lib/index.js:4:4',
        '/p/films.js:5:5',
      ),
    ).toBe('/p/films.js:5:5')
    expect(thrownIn(`${ours}:1:1`)).toBe(undefined)
  })

  it('is in a package where there is nothing else', () => {
    expect(thrownIn('/p/node_modules/shop-tasks/films.js:4:4')).toBe('/p/node_modules/shop-tasks/films.js:4:4')
  })

  it('is where eval was called from, and without what a loader adds to an address', () => {
    const stack =
      'Error: no luck\n    at eval (eval at run (file:///p/a.js:1:1), <anonymous>:1:7)\n    at async Promise.all (index 0)\n    at async file:///p/films.ts?t=12:5:6\n    at new Film (file:///p/b.js:1:2)'
    expect(framesOf(stack).map(({ place }) => place)).toEqual(['/p/films.ts:5:6', '/p/b.js:1:2'])
  })
})
