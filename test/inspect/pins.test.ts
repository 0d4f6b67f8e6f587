import { describe, expect, test } from 'vitest'
import { parsePins } from '../../src/inspect/pins.js'

const key = '0123456789abcdef0123456789abcdef'

describe('pins', () => {
  test('are keys, tasks, and what one would run or sweep', () => {
    const text = `# what the paper needs
${key}   # the best model

movies:clean_movies
configs/model.yaml#basic
run model --context contexts/quick.yaml --set min_votes=5 --set 'title=a b'
sweep model --set l2=0.1,1 --range seed=1..3 --zip --sweep sweeps/night.yaml
`
    const plain = { _tag: 'Chain', contexts: [], set: {}, sweep: undefined, sweepFile: undefined }
    expect(parsePins(text, 'taskchain.pins')).toEqual([
      { _tag: 'Key', key },
      { _tag: 'Task', folder: 'movies/clean_movies' },
      { ...plain, line: 'configs/model.yaml#basic', config: 'configs/model.yaml#basic' },
      {
        ...plain,
        line: "run model --context contexts/quick.yaml --set min_votes=5 --set 'title=a b'",
        config: 'model',
        contexts: ['contexts/quick.yaml'],
        set: { min_votes: 5, title: 'a b' },
      },
      {
        ...plain,
        line: 'sweep model --set l2=0.1,1 --range seed=1..3 --zip --sweep sweeps/night.yaml',
        config: 'model',
        sweep: {
          axes: [
            { name: 'l2', values: [0.1, 1] },
            { name: 'seed', values: [1, 2, 3] },
          ],
          zip: true,
          metrics: [],
        },
        sweepFile: 'sweeps/night.yaml',
      },
    ])
  })

  test('may come from an editor that ends lines with CR and LF', () => {
    expect(parsePins(`# the paper\r\n${key} # the best\r\n\r\nmovies:clean_movies\r\n`, 'taskchain.pins')).toEqual([
      { _tag: 'Key', key },
      { _tag: 'Task', folder: 'movies/clean_movies' },
    ])
  })

  test.each([
    ['run model --zip', '--range, --zip'],
    ['model --set', "'--set' has no value"],
    ['model --store x', "'--store' is not an option of a pin"],
    ['model other', "'other' is too much"],
    ['sweep --set a=1', 'names no config'],
    ['model --zip', "the word 'sweep'"],
  ])('%s is refused with its line', (line, message) => {
    expect(() => parsePins(`\n${line}`, 'taskchain.pins')).toThrow(message)
    expect(() => parsePins(`\n${line}`, 'taskchain.pins')).toThrow('taskchain.pins:2')
  })
})
