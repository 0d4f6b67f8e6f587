// Tasks in Python: values both ways, against Debian's own Python with NumPy and pandas.
import * as t from 'io-ts'
import nd from 'ndarray'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bytes, date, directory, jsonLines, ndarray, ndarrays, rows as tableRows, text } from '../../src/data/index.js'
import {
  asPath,
  defineProject,
  defineTask,
  matching,
  openChain,
  optional,
  param,
  ref,
  type Chain,
} from '../../src/index.js'
import type { Modules } from '../../src/declare/project.js'
import { python, writtenAs } from '../../src/programs/index.js'
import { builtOnce } from '../build-once.js'
import { hasPython, needs, pythonPath } from '../data/python.js'

beforeAll(builtOnce, 120_000)
let root: string
beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'taskchain-python-')))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const script = (code: string): string => {
  fs.writeFileSync(join(root, 'script.py'), code)
  return 'script.py'
}
const open = (p: Modules[string], config: object = {}): Promise<Chain> =>
  openChain(defineProject({ pipelines: { p }, root }), { config: { tasks: 'p.*', ...config } })
const value = async (p: Modules[string], name: string, config: object = {}): Promise<unknown> => {
  const chain = await open(p, config)
  try {
    return await chain.value(`p:${name}`)
  } finally {
    await chain.close()
  }
}
const problem = (p: Modules[string], config: object = {}): Promise<string> =>
  value(p, 'made', config).then(
    (made) => `no problem but ${JSON.stringify(made)}`,
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  )

const Row = t.type({ name: t.string, n: t.union([t.number, t.null]) })
const rows = defineTask({ data: t.array(Row) }).run(() => [
  { name: 'ä', n: 1 },
  { name: 'b', n: null },
])

describe('a task in Python', () => {
  it('reads params, inputs and files by name, and saves its result', async () => {
    fs.writeFileSync(join(root, 'lock.txt'), 'locked')
    const lines = defineTask({ inputs: { rows }, data: jsonLines(Row) }).run(({ rows }) => rows)
    const page = defineTask({ data: text() }).run(() => 'ü\r\n')
    const raw = defineTask({ data: bytes() }).run(() => Uint8Array.of(1, 255))
    const folder = defineTask({ data: directory() }).run((_, { dir }) => fs.writeFileSync(join(dir, 'a'), 'in a'))
    const made = python({
      inputs: {
        rows,
        lines,
        page,
        raw,
        folder,
        again: asPath(rows),
        written: writtenAs(rows, jsonLines(Row)),
        all: matching(/l.nes/, t.unknown),
        none: optional(ref('missing', t.number), 7),
        there: optional(page, null),
      },
      params: {
        l2: param(t.number, { default: 0.5 }),
        since: param(date, { default: new Date('2020-01-01T00:00:00.000Z') }),
        key: param(t.string, { secret: true }),
      },
      files: { lock: 'lock.txt' },
      script: script(`
import os, sys, taskchain
i = taskchain.inputs
assert os.environ.get("TASKCHAIN_SECRETS") is None and "sk-0123456789" not in open(os.environ["TASKCHAIN_JOB"]).read()
taskchain.progress(1, 2)
taskchain.note({"rows": len(i["rows"])})
print("über", taskchain.params["key"])
taskchain.save([i["rows"], i["lines"], i["page"], list(i["raw"]), os.listdir(i["folder"]), i["again"][0], i["written"][1],
  i["all"]["p:lines"][0], i["none"], i["there"], sorted(i), len(i), taskchain.params["l2"], taskchain.params["since"],
  len(taskchain.params["key"]), open(taskchain.files["lock"]).read()])
`),
      data: t.array(t.unknown),
    })
    const chain = await open({ rows, lines, page, raw, folder, made }, { key: 'sk-0123456789' })
    const all = await rows.run({} as never, {} as never)
    const [first, second] = all as readonly unknown[]
    const names = ['again', 'all', 'folder', 'lines', 'none', 'page', 'raw', 'rows', 'there', 'written']
    expect(await chain.value('p:made')).toEqual([
      all,
      all,
      'ü\r\n',
      [1, 255],
      ['a'],
      first,
      second,
      first,
      7,
      'ü\r\n',
      names,
      10,
      0.5,
      '2020-01-01T00:00:00.000Z',
      13,
      'locked',
    ])
    const info = await chain.task('p:made').runInfo()
    expect([info?.log, info?.input_tasks['rows']]).toEqual([
      [{ rows: 2 }],
      expect.objectContaining({ digest: expect.any(String) }),
    ])
    const log = (await chain.task('p:made').log()) ?? ''
    expect(log).toContain('über ')
    expect(log).not.toContain('sk-0123456789')
    await chain.close()
  })

  it('calls one function with what it asks for by name', async () => {
    fs.mkdirSync(join(root, 'models'))
    fs.writeFileSync(join(root, 'models/helper.py'), 'def twice(n):\n  return 2 * n\n')
    fs.writeFileSync(
      join(root, 'models/fit.py'),
      'from helper import twice\ndef fit(rows, *, factor=1):\n  return [twice(row["n"] or 0) * factor for row in rows]\n' +
        'def everything(**given):\n  return sorted(given)\n',
    )
    const params = { factor: param(t.number, { default: 3 }), unused: param(t.string, { default: '' }) }
    const fit = python({ inputs: { rows }, params, function: 'models/fit.py:fit', data: t.array(t.number) })
    const all = python({ inputs: { rows }, params, function: 'models/fit.py:everything', data: t.array(t.string) })
    expect(await value({ rows, fit, all }, 'fit')).toEqual([6, 0])
    expect(await value({ rows, fit, all }, 'all')).toEqual(['factor', 'rows', 'unused'])
    expect(() => python({ function: 'models/fit.py', data: t.number })).toThrow("a function is given as 'file.py:name'")
  })

  it('runs modules and unmodified scripts, with arguments', async () => {
    fs.mkdirSync(join(root, 'lib/tool'), { recursive: true })
    fs.writeFileSync(join(root, 'lib/tool/__main__.py'), 'import sys\nopen(sys.argv[2], "w").write(sys.argv[1])\n')
    const module = python({ module: 'tool', pythonPath: ['lib'], args: ({ output }) => [5, output], data: t.number })
    const plain = python({
      inputs: { rows },
      script: script('import sys\nopen(sys.argv[2], "w").write(str(len(open(sys.argv[1]).read())))\n'),
      args: ({ inputs, output }) => [inputs.rows, output],
      data: t.number,
    })
    expect(await value({ module }, 'module')).toBe(5)
    expect(await value({ rows, plain }, 'plain')).toBeGreaterThan(20)
  })

  it('is computed again when its script changes', async () => {
    const made = python({ script: script('import taskchain\ntaskchain.save(1)'), data: t.number })
    expect(await value({ made }, 'made')).toBe(1)
    script('import taskchain\ntaskchain.save(2)')
    expect(await value({ made }, 'made')).toBe(2)
  })

  it('says what is wrong', async () => {
    const of = (code: string, data: Parameters<typeof python>[0]['data'] = t.array(t.number)) =>
      problem({ made: python({ script: script(`import taskchain\n${code}`), data: data as never }) })
    expect(await of('raise ValueError("bad model")')).toContain('ended with code 1: ValueError: bad model')
    expect(await of('taskchain.save([float("nan")])')).toContain('JSON cannot hold nan')
    expect(await of('taskchain.save({1, object()})')).toContain('JSON cannot hold a object')
    expect(await of('taskchain.save(["a"])')).toContain('expected number, got "a"')
    expect(await of('taskchain.inputs["rwos"]')).toContain("no input 'rwos'")
    expect(await of('print("no result")')).toContain('the file that it should have written is not there')
    expect(await problem({ made: python({ script: 'missing.py', data: t.number }) })).toContain('missing.py')
    expect(await problem({ made: python({ python: 'no-python', script: script(''), data: t.number }) })).toContain(
      "the program 'no-python' is not there",
    )
  })
})

const withNumpy = hasPython('numpy')
describe.skipIf(!withNumpy)(`NumPy${needs('numpy', withNumpy)}`, () => {
  it('arrays go both ways, one or a folder of them', async () => {
    const x = defineTask({ data: ndarray('float64') }).run(() => nd(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]))
    const split = defineTask({ data: ndarrays() }).run(() => ({
      a: nd(Int32Array.of(1, 2)),
      b: nd(Float32Array.of(0.5)),
    }))
    const interpreter = pythonPath('numpy')
    fs.writeFileSync(
      join(root, 'fit.py'),
      'import numpy as np\ndef gram(x):\n  return x.T @ x\ndef both(split):\n  return {"sum": split["a"].sum(keepdims=True), "t": np.asfortranarray(np.ones((2, 3)))}\n' +
        'def plain(x):\n  return {"mean": x.mean(), "shape": x.shape, "rows": x[0], "any": np.bool_(True)}\n',
    )
    const gram = python({ python: interpreter, inputs: { x }, function: 'fit.py:gram', data: ndarray('float64') })
    const both = python({ python: interpreter, inputs: { split }, function: 'fit.py:both', data: ndarrays() })
    const Plain = t.type({ mean: t.number, shape: t.array(t.number), rows: t.array(t.number), any: t.boolean })
    const plain = python({ python: interpreter, inputs: { x }, function: 'fit.py:plain', data: Plain })
    const chain = await open({ x, split, gram, both, plain })
    const { data, shape } = (await chain.value('p:gram')) as nd.NdArray<Float64Array>
    expect([[...data], shape]).toEqual([
      [17, 22, 27, 22, 29, 36, 27, 36, 45],
      [3, 3],
    ])
    const made = (await chain.value('p:both')) as Readonly<Record<string, nd.NdArray<Float64Array>>>
    expect([made['sum']?.data[0], made['t']?.shape]).toEqual([3n, [2, 3]])
    expect(await chain.value('p:plain')).toEqual({ mean: 3.5, shape: [2, 3], rows: [1, 2, 3], any: true })
    await chain.close()
  })
})

const hasParquet = (interpreter: string): boolean =>
  spawnSync(interpreter, ['-c', 'from importlib.util import find_spec as f; exit(not (f("pyarrow") or f("duckdb")))'])
    .status === 0

const withPandas = hasPython('pandas')
describe.skipIf(!withPandas)(`pandas${needs('pandas', withPandas)}`, () => {
  it('frames go both ways as rows of JSON and JSON lines, missing values as null', async () => {
    const interpreter = pythonPath('pandas')
    fs.writeFileSync(
      join(root, 'frames.py'),
      'import taskchain\ndef frame(rows):\n  df = taskchain.inputs.frame("rows")\n  df["when"] = __import__("pandas").to_datetime(["2020-01-02", None])\n  return df\n',
    )
    const Framed = t.type({ name: t.string, n: t.union([t.number, t.null]), when: t.union([date, t.null]) })
    const asJson = python({ python: interpreter, inputs: { rows }, function: 'frames.py:frame', data: t.array(Framed) })
    const asLines = python({
      python: interpreter,
      inputs: { rows },
      function: 'frames.py:frame',
      data: jsonLines(Framed),
    })
    const back = defineTask({ inputs: { asLines }, data: t.array(Framed) }).run(async ({ asLines: lines }) => {
      const all = []
      for await (const row of lines) all.push(row)
      return all
    })
    const expected = [
      { name: 'ä', n: 1, when: new Date('2020-01-02T00:00:00.000Z') },
      { name: 'b', n: null, when: null },
    ]
    expect(await value({ rows, asJson }, 'as_json')).toEqual(expected)
    expect(await value({ rows, asLines, back }, 'back')).toEqual(expected)
  })

  it('frames in Parquet need pyarrow or DuckDB, and that is said', async () => {
    const interpreter = pythonPath('pandas')
    const table = defineTask({ inputs: { rows }, data: tableRows(Row) }).run(({ rows }) => rows)
    fs.writeFileSync(join(root, 'frames.py'), 'def same(table):\n  return table\n')
    const made = python({ python: interpreter, inputs: { table }, function: 'frames.py:same', data: tableRows(Row) })
    const has = hasParquet(interpreter)
    const outcome = await problem({ rows, table, made })
    if (has) expect(outcome).toContain('no problem but [{"name":"ä","n":1},{"name":"b","n":null}]')
    else expect(outcome).toContain('Parquet needs pyarrow or duckdb in this Python: pip install pyarrow')
  })
})
