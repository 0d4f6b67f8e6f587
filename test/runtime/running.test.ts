import * as t from 'io-ts'
import { manualClock } from './manual-clock.js'
import { describe, expect, test } from 'vitest'
import { checkpoint, directory } from '../../src/data/folder.js'
import { inMemory } from '../../src/declare/format.js'
import { from, lazy, matching, optional, ref } from '../../src/declare/input.js'
import { param } from '../../src/declare/param.js'
import { defineTask } from '../../src/declare/task.js'
import { defineTemplate, derive } from '../../src/declare/derive.js'
import { TaskchainError } from '../../src/errors.js'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/runtime/session/system-clock.js'
import { gate, open } from './fixture.js'

/** Counts runs by name. */
const counter = () => {
  const runs: string[] = []
  return { runs, count: <A>(name: string, value: A): A => (runs.push(name), value) }
}

const diamond = (runs: ReturnType<typeof counter>) => {
  const source = defineTask({ params: { size: t.number }, data: t.number }).run(({ size }) =>
    runs.count('source', size),
  )
  const left = defineTask({ inputs: { source }, data: t.number }).run(({ source }) => runs.count('left', source + 1))
  const right = defineTask({ inputs: { source }, data: t.number }).run(({ source }) => runs.count('right', source * 2))
  const sum = defineTask({ inputs: { left, right }, data: t.number }).run(({ left, right }) =>
    runs.count('sum', left + right),
  )
  return { pipelines: { p: { source, left, right, sum } }, source, left, right, sum }
}

describe('a value asked of a chain', () => {
  test('is computed after its inputs, once, and is the same when asked again', async () => {
    const runs = counter()
    const { pipelines, sum } = diamond(runs)
    const { chain } = open(pipelines, { params: { size: 3 } })
    expect(await chain.value(sum)).toBe(10)
    expect(await chain.value(sum)).toBe(10)
    expect(runs.runs.toSorted()).toEqual(['left', 'right', 'source', 'sum'])
  })

  test('is loaded by the next chain, without its inputs', async () => {
    const runs = counter()
    const { pipelines, sum } = diamond(runs)
    const store = memoryStore()
    await open(pipelines, { params: { size: 3 } }, { store }).chain.value(sum)
    const again = open(pipelines, { params: { size: 3 } }, { store })
    expect(await again.chain.value('sum')).toBe(10)
    expect(runs.runs).toHaveLength(4)
    expect(again.told()).toEqual(['planned', 'loaded p:sum', 'released p:sum', 'ended'])
  })

  test('recomputes what a changed param reaches and nothing else', async () => {
    const runs = counter()
    const free = defineTask({ data: t.string }).run(() => runs.count('free', 'x'))
    const { pipelines } = diamond(runs)
    const all = { p: { ...pipelines.p, free } }
    const store = memoryStore()
    await open(all, { params: { size: 3 } }, { store }).chain.run()
    const report = await open(all, { params: { size: 4 } }, { store }).chain.run()
    expect(report.computed.toSorted()).toEqual(['p:left', 'p:right', 'p:source', 'p:sum'])
    expect(report.cached).toEqual(['p:free'])
  })

  test('asked for twice at once runs once', async () => {
    const runs = counter()
    const { pipelines, left, right } = diamond(runs)
    const { chain } = open(pipelines, { params: { size: 1 } })
    await Promise.all([chain.value(left), chain.value(right), chain.value(left)])
    expect(runs.runs.toSorted()).toEqual(['left', 'right', 'source'])
  })

  test('that every node has already is not even read', async () => {
    const { pipelines } = diamond(counter())
    const store = memoryStore()
    await open(pipelines, { params: { size: 3 } }, { store }).chain.run()
    const report = await open(pipelines, { params: { size: 3 } }, { store }).chain.run()
    expect(report).toMatchObject({ computed: [], loaded: [], failed: [] })
    expect(report.cached).toHaveLength(4)
  })
})

describe('failures', () => {
  const failing = () => {
    const bad = defineTask({ data: t.number }).run((): number => {
      throw new Error('no luck')
    })
    const after = defineTask({ inputs: { bad }, data: t.number }).run(({ bad }) => bad)
    const later = defineTask({ inputs: { after }, data: t.number }).run(({ after }) => after)
    const other = defineTask({ data: t.number }).run(() => 1)
    return { pipelines: { p: { bad, after, later, other } }, later }
  }

  test('of one branch leave the others going, and name what was skipped because of them', async () => {
    const { chain } = open(failing().pipelines)
    const report = await chain.run()
    expect(report.computed).toEqual(['p:other'])
    expect(report.failed).toMatchObject([{ _tag: 'TaskFailed', node: 'p:bad', cause: new Error('no luck') }])
    expect(report.skipped).toEqual([
      { node: 'p:after', because: ['p:bad'] },
      { node: 'p:later', because: ['p:bad'] },
    ])
  })

  test('reach who asks for a value as the root cause', async () => {
    const { pipelines, later } = failing()
    const { chain } = open(pipelines)
    const error = await chain.value(later).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(TaskchainError)
    expect((error as TaskchainError).errors).toMatchObject([{ _tag: 'TaskFailed', node: 'p:bad' }])
    expect((error as TaskchainError).message).toContain('no luck')
  })

  test('stop the rest with failFast', async () => {
    const hold = gate()
    const slow = defineTask({ data: t.number }).run(async (_args, { signal }) => {
      await Promise.race([hold.promise, new Promise((resolve) => signal.addEventListener('abort', resolve))])
      return 1
    })
    const { chain } = open({ p: { ...failing().pipelines.p, slow } })
    const report = await chain.run(undefined, { failFast: true })
    expect(report.stopped).toBe(true)
    expect(report.computed).not.toContain('p:slow')
  })

  test('are retried as the task says', async () => {
    let tries = 0
    const flaky = defineTask({ data: t.number, retry: { attempts: 3, delay: 1 } }).run(() => {
      if (++tries < 3) throw new Error(`try ${tries}`)
      return tries
    })
    const { chain, told } = open({ p: { flaky } })
    expect(await chain.value(flaky)).toBe(3)
    expect(told().filter((word) => word.startsWith('retrying'))).toHaveLength(2)
  })

  test('wait for their next attempt without a slot: others run meanwhile', async () => {
    let tries = 0
    const flaky = defineTask({ data: t.number, retry: { attempts: 2, delay: 60_000 } }).run(() => {
      if (++tries < 2) throw new Error(`try ${tries}`)
      return tries
    })
    const other = defineTask({ data: t.number }).run(() => 1)
    const clock = manualClock()
    const { chain, told } = open({ p: { flaky, other } }, {}, { concurrency: 1, clock })
    const report = await chain.run([flaky, other], {
      onEvent: (event) => {
        if (event._tag === 'computed' && event.node === 'p:other') void clock.advance(60_000)
      },
    })
    expect(report.failed).toEqual([])
    expect(told().filter((word) => /^(started|retrying|computed)/.test(word))).toEqual([
      'started p:flaky',
      'retrying p:flaky',
      'started p:other',
      'computed p:other',
      'started p:flaky',
      'computed p:flaky',
    ])
  })

  test('by timeout are named so, and the signal is aborted', async () => {
    let aborted = false
    const endless = defineTask({ data: t.number, timeout: 5 }).run(
      (_args, { signal }) =>
        new Promise<number>((_, reject) =>
          signal.addEventListener('abort', () => ((aborted = true), reject(new Error('stopped')))),
        ),
    )
    const { chain } = open({ p: { endless } })
    const report = await chain.run()
    expect(report.failed).toMatchObject([{ _tag: 'TimedOut', node: 'p:endless', milliseconds: 5 }])
    expect(aborted).toBe(true)
  })

  test('of the codec say where the value is wrong', async () => {
    const wrong = defineTask({ data: t.array(t.type({ votes: t.number })) }).run(() => [
      { votes: 1 },
      { votes: 'many' as never },
    ])
    const report = await open({ p: { wrong } }).chain.run()
    expect(report.failed).toMatchObject([{ _tag: 'WrongResult', node: 'p:wrong', path: '/1/votes' }])
  })

  test('of a listener fail nothing', async () => {
    const { pipelines } = diamond(counter())
    const { chain } = open(
      pipelines,
      { params: { size: 1 } },
      {
        listener: () => {
          throw new Error('listener')
        },
      },
    )
    expect((await chain.run()).computed).toHaveLength(4)
  })
})

describe('stopping', () => {
  test('commits nothing that returns after an abort, and skips the rest', async () => {
    const controller = new AbortController()
    const first = defineTask({ data: t.number }).run(async () => {
      controller.abort(new Error('enough'))
      return 1
    })
    const second = defineTask({ inputs: { first }, data: t.number }).run(({ first }) => first)
    const { chain } = open({ p: { first, second } })
    const report = await chain.run(undefined, { signal: controller.signal })
    expect(report).toMatchObject({ stopped: true, computed: [], failed: [] })
    expect(await chain.task(first).hasData()).toBe(false)
  })

  test('comes through between many small tasks, which wait for nothing', async () => {
    const controller = new AbortController()
    let runs = 0
    const small = (): number => {
      if (runs++ === 0) setImmediate(() => controller.abort(new Error('enough')))
      return runs
    }
    const tasks = Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [`task${at}`, defineTask({ data: t.number }).run(small)]),
    )
    const { chain } = open({ p: tasks }, {}, { clock: { ...systemClock, elapsed: () => runs * 30 } })
    const report = await chain.run(undefined, { signal: controller.signal })
    expect(report).toMatchObject({ stopped: true, failed: [] })
    expect(runs).toBeLessThan(10)
  })

  test('does not wait for ever for work that does not listen', async () => {
    const controller = new AbortController()
    const deaf = defineTask({ data: t.number }).run(() => {
      controller.abort()
      return new Promise<number>(() => undefined)
    })
    const { chain } = open({ p: { deaf } })
    expect((await chain.run(undefined, { signal: controller.signal })).stopped).toBe(true)
  })
})

describe('memory', () => {
  test('of a value is released when its last reader has ended', async () => {
    const { pipelines } = diamond(counter())
    const { chain, told } = open(pipelines, { params: { size: 1 } })
    await chain.run()
    const words = told()
    const released = words.indexOf('released p:source')
    expect(released).toBeGreaterThan(words.indexOf('computed p:left'))
    expect(released).toBeGreaterThan(words.indexOf('computed p:right'))
    expect(words.filter((word) => word.startsWith('released'))).toHaveLength(4)
  })

  test('no more run at once than the limit says', async () => {
    let now = 0
    let most = 0
    const step = () => async (): Promise<number> => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now--
      return 1
    }
    const tasks = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`task${index}`, defineTask({ data: t.number }).run(step())]),
    )
    await open({ p: tasks }, {}, { concurrency: 3 }).chain.run()
    expect(most).toBe(3)
  })

  test('in-memory nodes run only when something that must run needs them', async () => {
    const runs = counter()
    const model = defineTask({ data: inMemory<{ readonly w: number }>() }).run(() => runs.count('model', { w: 2 }))
    const used = defineTask({ inputs: { model }, data: t.number }).run(({ model }) => model.w)
    const store = memoryStore()
    const first = await open({ p: { model, used } }, {}, { store }).chain.run()
    expect(first.computed).toEqual(['p:model', 'p:used'])
    const second = await open({ p: { model, used } }, {}, { store }).chain.run()
    expect(second.computed).toEqual([])
    expect(runs.runs).toEqual(['model'])
  })
})

describe('inputs', () => {
  const one = defineTask({ data: t.number }).run(() => 1)

  test('that are lazy are not computed unless they are asked for', async () => {
    const runs = counter()
    const dear = defineTask({ data: t.number }).run(() => runs.count('dear', 5))
    const reader = defineTask({ inputs: { dear: lazy(dear) }, params: { ask: t.boolean }, data: t.number }).run(
      async ({ dear, ask }) => (ask ? dear() : 0),
    )
    expect(await open({ p: { dear, reader } }, { params: { ask: false } }).chain.value(reader)).toBe(0)
    expect(runs.runs).toEqual([])
    expect(await open({ p: { dear, reader } }, { params: { ask: true } }, { concurrency: 1 }).chain.value(reader)).toBe(
      5,
    )
  })

  test('that only the context reaches are loaded only then', async () => {
    const runs = counter()
    const dear = defineTask({ data: t.number }).run(() => runs.count('dear', 5))
    const reader = defineTask({ inputs: { dear, one }, data: t.number }).run(
      async ({ one }, { inputs }) => one + (one > 5 ? await inputs.dear.value() : 0),
    )
    const byPosition = defineTask({ inputs: { dear }, data: t.number }).run(
      async (_, { inputs }) => (await inputs[0]?.value()) as number,
    )
    const { chain } = open({ p: { dear, one, reader, byPosition } })
    expect(await chain.value(reader)).toBe(1)
    expect(runs.runs).toEqual([])
    expect(await chain.value(byPosition)).toBe(5)
    expect(runs.runs).toEqual(['dear'])
  })

  test('may be missing, found by name, by pattern, in another namespace', async () => {
    const two = defineTask({ params: { value: t.number }, data: t.number }).run(({ value }) => value)
    const reader = defineTask({
      inputs: {
        gone: optional(ref('absent', t.number), null),
        byName: ref('p:one', t.number),
        all: matching(/on.*/, t.number),
        elsewhere: from('other', two),
      },
      data: t.UnknownRecord,
    }).run((args) => args)
    const { chain } = open(
      { p: { one, reader }, q: { two } },
      { configs: { main: { tasks: 'p.*', uses: 'second as other' }, second: { tasks: 'q.*', value: 7 } } },
    )
    expect(await chain.value(reader)).toEqual({ gone: null, byName: 1, all: { 'p:one': 1 }, elsewhere: 7 })
  })

  test('found by name must be what is stated', async () => {
    const text = defineTask({ data: t.string }).run(() => 'x')
    const reader = defineTask({ inputs: { text: ref('text', t.number) }, data: t.number }).run(({ text }) => text)
    const report = await open({ p: { text, reader } }).chain.run()
    expect(report.failed).toMatchObject([{ _tag: 'WrongInput', node: 'p:reader', role: 'text', from: 'p:text' }])
  })

  test('are what the codec gives back, on the first run too', async () => {
    const DateFromText = new t.Type<Date, string>(
      'Date',
      (u): u is Date => u instanceof Date,
      (u, c) => (typeof u === 'string' ? t.success(new Date(u)) : t.failure(u, c)),
      (date) => date.toISOString(),
    )
    const born = defineTask({ data: t.type({ born: DateFromText }) }).run(() => ({
      born: new Date(0),
      extra: undefined as never,
    }))
    const reader = defineTask({ inputs: { born }, data: t.UnknownRecord }).run(({ born }) => ({
      isDate: born.born instanceof Date,
      keys: Object.keys(born),
    }))
    const store = memoryStore()
    const plain = defineTask({ data: t.type({ born: DateFromText }) }).run(() => ({ born: new Date(0) }))
    const read = derive(reader, { inputs: { born: plain } })
    expect(await open({ p: { plain, read } }, {}, { store }).chain.value(read)).toEqual({
      isDate: true,
      keys: ['born'],
    })
    const report = await open({ p: { born } }).chain.run()
    expect(report.failed).toMatchObject([{ _tag: 'WrongResult', path: '/extra' }])
  })

  test('that a run changes are found out when asked to look', async () => {
    const list = defineTask({ data: t.array(t.number) }).run(() => [3, 1, 2])
    const sorts = defineTask({ inputs: { list }, data: t.array(t.number) }).run(({ list }) => list.sort())
    const report = await open({ p: { list, sorts } }, {}, { checkMutation: true }).chain.run()
    expect(report.failed).toMatchObject([{ _tag: 'InputChanged', node: 'p:sorts', role: 'list' }])
  })
})

describe('force', () => {
  test('recomputes a task and all that depends on it', async () => {
    const runs = counter()
    const { pipelines, left, sum } = diamond(runs)
    const { chain } = open(pipelines, { params: { size: 1 } })
    await chain.value(sum)
    expect(await chain.force([left])).toEqual(['p:left', 'p:sum'])
    expect(await chain.value(sum)).toBe(4)
    expect(runs.runs.filter((name) => name === 'left' || name === 'sum')).toEqual(['left', 'sum', 'left', 'sum'])
    expect(runs.runs.filter((name) => name === 'source')).toHaveLength(1)
  })

  test('of one handle recomputes just that one', async () => {
    const runs = counter()
    const { pipelines, left, sum } = diamond(runs)
    const { chain } = open(pipelines, { params: { size: 1 } })
    await chain.value(sum)
    await (await chain.task(left).force()).value()
    await chain.run()
    expect(runs.runs.filter((name) => name === 'left')).toHaveLength(2)
    expect(runs.runs.filter((name) => name === 'sum')).toHaveLength(1)
  })
})

describe('folders', () => {
  test('are filled through the context and read by path', async () => {
    const folder = defineTask({ data: directory() }).run((_, { dir }) => writeFileSync(join(dir, 'a.txt'), 'hello'))
    const reader = defineTask({ inputs: { folder }, data: t.string }).run(({ folder }) =>
      readFileSync(join(folder, 'a.txt'), 'utf8'),
    )
    const { chain } = open({ p: { folder, reader } })
    expect(await chain.value(reader)).toBe('hello')
  })

  test('of a checkpoint survive an unfinished run; what depends on it waits', async () => {
    const trained = defineTask({ data: checkpoint() }).run((_, { dir, resumed, unfinished }) => {
      if (!resumed) {
        writeFileSync(join(dir, 'epoch'), '1')
        return unfinished('one epoch a day')
      }
      writeFileSync(join(dir, 'done'), readFileSync(join(dir, 'epoch')))
      return undefined
    })
    const reader = defineTask({ inputs: { trained }, data: t.string }).run(({ trained }) =>
      readFileSync(join(trained, 'done'), 'utf8'),
    )
    const store = memoryStore()
    const first = await open({ p: { trained, reader } }, {}, { store }).chain.run()
    expect(first.unfinished).toEqual([{ node: 'p:trained', reason: 'one epoch a day' }])
    expect(first.skipped).toEqual([{ node: 'p:reader', because: ['p:trained'] }])
    const second = open({ p: { trained, reader } }, {}, { store })
    expect(await second.chain.states()).toEqual(
      new Map([
        ['p:trained', 'unfinished'],
        ['p:reader', 'waiting'],
      ]),
    )
    expect(await second.chain.value(reader)).toBe('1')
  })
})

describe('context', () => {
  test('of run has notes, log, params, meta, helpers and names', async () => {
    const template = defineTemplate({
      params: { by: param(t.number, { default: 2 }) },
      data: t.number,
      meta: { factor: 1 },
      helpers: { add: (value: number) => value },
    }).run(({ by }, context) => {
      context.note({ by })
      context.log.info('working')
      return context.helpers.add(by) * context.meta.factor * context.params.by
    })
    const ten = derive(template, { meta: { factor: 10 }, helpers: { add: (value: number) => value + 1 } })
    const { chain, lines } = open({ p: { ten } })
    expect(await chain.value(ten)).toBe(60)
    const info = await chain.task(ten).runInfo()
    expect(info).toMatchObject({ task: { name: 'p:ten' }, log: [{ by: 2 }], parameters: { by: 2 }, attempts: 1 })
    expect(info?.key).toBe(chain.task(ten).key)
    expect(lines).toMatchObject([{ level: 'info', message: 'working' }])
  })
})
