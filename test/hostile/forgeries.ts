import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What somebody may put in place of a store's own files, or beside them. */

export interface Dice {
  /** A whole number below this one. */
  readonly below: (end: number) => number
  readonly one: <A>(of: readonly A[]) => A
}

export const diceFrom = (seed: number): Dice => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(next() * end)
  return { below, one: (of) => of[below(of.length)] as (typeof of)[number] }
}

const nested = (open: string, close: string, levels: number): string => open.repeat(levels) + close.repeat(levels)

/** Texts that are put in place of a value, in JSON or in YAML. */
const oddWords: readonly string[] =
  `null true -1 0 -0 1e308 1e999 -1e999 9007199254740993 4294967295 4294967296 NaN Infinity .nan -.inf 0x10 1_000 010
2026-01-01 ~ undefined 0.5 600000 "" "NaN" "../../outside/file" "/etc/passwd" "__proto__" [] {} [[[]]] ["../../outside"]
{"__proto__":{"polluted":true}} {"constructor":{"prototype":{"polluted":true}}} {"length":4294967295} [null] | "`.split(
    /\s/,
  )
const oddValues: readonly string[] = [
  ...oddWords,
  String.raw`"a\u0000b"`,
  String.raw`"\u001b[31m"`,
  String.raw`"a\nb"`,
  '!!js/function x',
  '&a [*a]',
  '<<: *a',
  nested('[', ']', 5000),
  nested('{"a":', '}', 3000),
  `"${'x'.repeat(100_000)}"`,
  `[${'0,'.repeat(50_000)}0]`,
]
const oddKeys: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'length',
  '',
  'schema',
  'key',
  '../x',
  'then',
]

/** One value of a text that has some (`"name": value`, `name: value`) is another, or its name is. */
const changeValue = (text: string, { below, one }: Dice): string => {
  const values = [...text.matchAll(/("?)(?<![\w.])([\w.]+)\1: ?("(?:[^"\\]|\\.)*"|[^,\n{}[\]]+)/g)]
  const hit = values[below(values.length)]
  if (hit === undefined) return one(oddValues)
  const [whole, quote, name, value] = hit as unknown as readonly [string, string, string, string]
  const separator = whole.slice(quote.length * 2 + name.length, whole.length - value.length)
  const changed =
    below(4) === 0
      ? `${quote}${one(oddKeys)}${quote}${separator}${value}`
      : `${quote}${name}${quote}${separator}${below(3) === 0 ? one(values)[3] : one(oddValues)}`
  return text.slice(0, hit.index) + changed + text.slice(hit.index + whole.length)
}

/** Ways to change the bytes of a file. */
const changes: readonly ((bytes: Buffer, dice: Dice) => Buffer)[] = [
  (bytes, dice) => Buffer.from(changeValue(bytes.toString('latin1'), dice), 'latin1'),
  (bytes, dice) => Buffer.from(changeValue(bytes.toString('latin1'), dice), 'latin1'),
  (bytes, dice) => {
    const flipped = Buffer.from(bytes)
    for (let times = 1 + dice.below(3); times > 0 && flipped.length > 0; times--) {
      const at = dice.below(flipped.length)
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << dice.below(8)), at)
    }
    return flipped
  },
  (bytes, { below }) => bytes.subarray(0, below(bytes.length + 1)),
  (bytes, { below }) => bytes.subarray(below(bytes.length + 1)),
  (bytes, { below }) => Buffer.concat([bytes, bytes.subarray(below(bytes.length + 1))]),
  (bytes, { one }) => Buffer.concat([bytes, Buffer.from(`\n${one(oddValues)}\n`)]),
  (_, { one }) => Buffer.from(one(oddValues)),
  (_, { below }) => Buffer.alloc(below(3) * 40_000, '\n{'),
  (bytes, { below }) => {
    const lines = bytes.toString('latin1').split('\n')
    const [from, to] = [below(lines.length), below(lines.length)]
    lines.splice(to, 0, ...lines.splice(from, 1 + below(3)))
    return Buffer.from(lines.join('\n'), 'latin1')
  },
]

/** Things that are no file of ours, in its place; `outside` is a folder beside the store. */
const things: readonly ((path: string, outside: string, dice: Dice) => void)[] = [
  (path, outside) => fs.symlinkSync(join(outside, 'file'), path),
  (path, outside) => fs.symlinkSync(outside, path),
  (path, outside) => fs.symlinkSync(join(outside, 'missing'), path),
  (path) => fs.symlinkSync(basename(path), path),
  (path) => fs.symlinkSync('/dev/zero', path),
  (path) => fs.mkdirSync(path),
  (path) => {
    fs.mkdirSync(join(path, 'a/b'), { recursive: true })
    fs.writeFileSync(join(path, 'a/b/file'), 'x')
  },
  (path) => void execFileSync('mkfifo', [path]),
  (path) => void execFileSync('sh', ['-c', 'mknod "$0" c 1 5 2>/dev/null || mkfifo "$0"', path]),
  (path, _, { below }) => {
    fs.writeFileSync(path, '')
    fs.truncateSync(path, below(2) === 0 ? 300 * 2 ** 20 : 5 * 2 ** 30) // sparse
  },
]

/** A name that the library knows, in the folder of a task. */
const namesFor = (key: string, id: string): readonly string[] => [
  ...['lease', 'lease', 'stale', 'log', 'failed.log', 'unfinished', 'run_info.yaml'].map(
    (ending) => `${key}.${ending}`,
  ),
  `.pins/${key}.${id}-0`,
  `.pins/${key}.x`,
  '.pins',
  '.index.jsonl',
  '.blessed.jsonl',
  `.${key}.lease.${id}.removal`,
  `.${key}.01234567-999999-1-abc.tmp`,
  `.index.01234567-${process.pid}-1-abc.tmp`,
]
const namesInRoot: readonly string[] = [
  '.unsynced.01234567-999999-1-abc.list',
  '.unsynced.01234567-1-1-abc.list',
  '.holder.01234567-999999-1-abc.tmp',
  '.trash',
  '.damaged',
]

/** Texts for files that are not there: records as the library writes them, to be changed. */
const records = (dice: Dice, key: string, lease: string): readonly string[] => [
  lease,
  JSON.stringify({ schema: 1, pid: 1, host: 'far', space: '01234567', id: 'ab', every: 600_000, beat: '000000000001' }),
  JSON.stringify({ ...(JSON.parse(lease) as object), pid: 999_999, start: '1' }),
  `{"schema":1}\n["../outside/file","p/one/${key}.json"]\n["${'../'.repeat(20)}etc/passwd"]\n`,
  JSON.stringify({ key, computedBy: 'x', acceptedFor: 'y' }),
  dice.one(oddValues),
]

export interface Forging {
  readonly root: string
  readonly outside: string
  /** A lease's text as a living process writes it. */
  readonly lease: string
}

/** Files of a store that carry no value: of folders' contents names and sizes are looked at only, which is said. */
const filesIn = (root: string): readonly string[] =>
  fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^[0-9a-f]{32}(\.unfinished)?$/.test(basename(entry.parentPath)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
const foldersOf = (root: string): readonly string[] =>
  [...new Set(filesIn(root).map(dirname))].filter((path) => path.startsWith(`${root}/p/`)).sort()

/** Forges one thing of a store; what was done, in words. */
export const forge = ({ root, outside, lease }: Forging, dice: Dice): string => {
  const folder = dice.one(foldersOf(root))
  const files = filesIn(root)
  const keys = fs.readdirSync(folder).flatMap((name) => /^([0-9a-f]{32})\./.exec(name)?.[1] ?? [])
  const key = keys.length === 0 ? 'f'.repeat(32) : dice.one(keys)
  const isKnown = dice.below(2) === 0 && files.length > 0
  const path = isKnown
    ? dice.one(files)
    : dice.below(5) === 0
      ? join(root, dice.one(namesInRoot))
      : join(folder, dice.one(namesFor(key, 'abcdef')))
  const where = path.slice(root.length + 1)
  // what was put in place of the folder is replaced
  if (fs.lstatSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() === false) fs.rmSync(dirname(path))
  if (dice.below(4) === 0) {
    if (dice.below(6) === 0) {
      fs.rmSync(path, { recursive: true, force: true })
      return `${where} is removed`
    }
    if (fs.existsSync(dirname(path)) || fs.mkdirSync(dirname(path), { recursive: true }) !== undefined) {
      fs.rmSync(path, { recursive: true, force: true })
      const at = dice.below(things.length)
      things[at]?.(path, outside, dice)
      return `${where} is thing ${at}`
    }
  }
  const stat = fs.lstatSync(path, { throwIfNoEntry: false })
  const isFile = stat?.isFile() === true && stat.size < 2 ** 20 // what was made enormous is replaced
  const before = isFile ? fs.readFileSync(path) : Buffer.from(dice.one(records(dice, key, lease)))
  const at = dice.below(changes.length + (isFile ? 0 : 3))
  fs.mkdirSync(dirname(path), { recursive: true })
  fs.rmSync(path, { recursive: true, force: true })
  fs.writeFileSync(path, changes[at]?.(before, dice) ?? before)
  return `${where} has change ${at}`
}
