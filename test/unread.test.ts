import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memoryStore } from '../src/adapters/memory-store/memory-store.js'
import { defineProject, defineTask, openChain, openChains, param, planConfig } from '../src/index.js'
import { openSweep } from '../src/sweep.js'
import { planOf } from '../src/testing/index.js'

let root = ''
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'taskchain-unread-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

const movies = {
  all: defineTask({ params: { count: param(t.number, { default: 1 }) }, data: t.number }).run(({ count }) => count),
}
const people = {
  names: defineTask({ params: { size: param(t.number, { default: 1 }) }, data: t.number }).run(({ size }) => size),
}
const projectWith = (strict: boolean) => defineProject({ root, pipelines: { movies, people }, strict })
const project = projectWith(false)
const config = { tasks: 'movies.*' }
const store = memoryStore()

const files = (texts: Readonly<Record<string, string>>): void => {
  mkdirSync(join(root, 'configs'), { recursive: true })
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(root, name), text)
}

describe('a value of set that no task reads', () => {
  const problem = "--set: no task of this chain reads 'cuont'\n  did you mean 'count'?"

  test('is an error for a chain, for a plan, in tests and in sweeps, whatever the number of its values', async () => {
    await expect(openChain(project, { config, set: { cuont: 3 }, store })).rejects.toThrow(problem)
    expect(await planConfig(project, { config, set: { cuont: 3 } })).toMatchObject({
      left: [{ _tag: 'UnreadValue', of: 'set', name: 'cuont', near: ['count'] }],
    })
    expect(() => planOf({ tasks: { movies }, set: { cuont: 3 } })).toThrow(problem)
    await expect(openSweep(project, { config, set: { count: [1, 2], cuont: [3] }, store })).rejects.toThrow(
      "sweep over 'cuont': no task of this chain reads it; did you mean 'count'?",
    )
  })

  test('stands beside what else is wrong', async () => {
    const planned = await planConfig(project, { config: { ...config, count: 'many' }, set: { cuont: 3 } })
    expect(E.isLeft(planned) && planned.left.map(({ _tag }) => _tag)).toEqual(['UnreadValue', 'InvalidParam'])
  })

  test('is none for one of several chains where another reads it, unless only that chain was given it', async () => {
    const both = [config, { tasks: 'people.*' }]
    const chains = await openChains(project, both, { set: { count: 2, size: 3 }, store })
    await chains.close()
    await expect(openChains(project, both, { set: { count: 2, length: 3 }, store })).rejects.toThrow("reads 'length'")
    await expect(
      openChains(project, [config, { config: { tasks: 'people.*' }, set: { count: 2 } }], { store }),
    ).rejects.toThrow("reads 'count'")
  })

  test('of a name that is kept is none', async () => {
    await (await openChain(project, { config, set: { 'x-why': 'a note' }, store })).close()
  })
})

describe('a strict project', () => {
  test('refuses values of configs and contexts that no task reads; others warn', async () => {
    files({ 'configs/a.yaml': 'tasks: movies.*\ncoutn: 1\nx-note: 1\n', 'late.yaml': 'cuont: 2\n' })
    const options = { config: 'a', context: 'late.yaml', root }
    expect(await planConfig(projectWith(true), options)).toMatchObject({
      left: [
        { _tag: 'UnreadValue', of: 'config', name: 'coutn', place: { line: 2 } },
        { _tag: 'UnreadValue', of: 'context', name: 'cuont' },
      ],
    })
    expect(await planConfig(project, options)).toMatchObject({
      right: { warnings: [{ _tag: 'UnusedValue' }, { _tag: 'UnusedContextValue' }] },
    })
  })

  test('takes a context of several chains that one of them reads', async () => {
    files({ 'late.yaml': 'count: 2\n' })
    await (
      await openChains(projectWith(true), [config, { tasks: 'people.*' }], { context: 'late.yaml', store })
    ).close()
  })
})

test('a value that no task reads is told although two tasks read one name, and as many values are read as there are', async () => {
  const reading = () => defineTask({ params: { count: t.number }, data: t.number }).run(({ count }) => count)
  const twice = defineProject({ root, pipelines: { pair: { one: reading(), two: reading() } } })
  expect(await planConfig(twice, { config: { tasks: '**', count: 2, cuont: 3 } })).toMatchObject({
    right: { warnings: [{ _tag: 'UnusedValue', name: 'cuont', near: ['count'] }] },
  })
  const once = defineProject({ root, pipelines: { pair: { one: reading() } } })
  expect(await planConfig(once, { config: { tasks: '**', count: 2 } })).toMatchObject({ right: { warnings: [] } })
})
