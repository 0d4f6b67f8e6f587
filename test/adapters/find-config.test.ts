import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { originOfConfig } from '../../src/adapters/project/find-config.js'

const above = mkdtempSync(join(tmpdir(), 'taskchain-find-'))
const root = join(above, 'run #1', 'a@b 100%')
mkdirSync(join(root, 'configs'), { recursive: true })
writeFileSync(join(root, 'configs/small.yaml'), 'tasks: []\n')
afterAll(() => rmSync(above, { recursive: true, force: true }))

const find = (name: string): string => originOfConfig(name, { root, configs: 'configs', workingFolder: root })

test('a config is found by name, by part and by whole path, whatever the folders above it are called', () => {
  for (const name of [
    'small',
    'small.yaml',
    'configs/small',
    join(root, 'configs/small'),
    join(root, 'configs/small.yaml'),
  ])
    expect([name, find(name)]).toEqual([name, 'configs/small.yaml'])
  for (const name of ['small#one', join(root, 'configs/small.yaml#one')])
    expect([name, find(name)]).toEqual([name, 'configs/small.yaml#one'])
  expect(find('lost#one')).toBe('configs/lost#one')
  expect(find('configs/lost')).toBe('configs/lost')
})

test('a file of the name without an extension hides no config', () => {
  writeFileSync(join(root, 'small'), 'data\n')
  expect(find('small')).toBe('configs/small.yaml')
  writeFileSync(join(root, 'weights'), 'data\n')
  expect(find('weights')).toBe('weights') // so that the error can say what is wrong with it
})

test('a file with a # in its name is named as a whole, with or without another # at its end', () => {
  writeFileSync(join(root, 'configs/run#3.yaml'), 'tasks: []\n')
  for (const name of ['run#3', 'run#3.yaml', 'configs/run#3.yaml', 'run#3#', join(root, 'configs/run#3.yaml')])
    expect([name, find(name)]).toEqual([name, 'configs/run#3.yaml#'])
  expect(find('run#3#one')).toBe('configs/run#3.yaml#one')
})
