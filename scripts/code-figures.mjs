// Statistics of the code in src, as a table: `node scripts/code-figures.mjs`; `--list` lists the places.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseAst } from 'rolldown/parseAst'

const isFunction = /^(?:ArrowFunctionExpression|FunctionExpression|FunctionDeclaration)$/
const figures = { lines: 0, code: 0, casts: 0, assertions: 0, longest: 0 }
const places = {
  casts: [],
  'lines over 120': [],
  'chained ternaries over two': [],
  citations: [],
  'functions over 80': [],
}
/** References to documents outside the repository: sections of specifications, decisions, issue numbers. */
const citation =
  /(?:\/\/|\*).*\b(?:SPEC(?:\.md)?|DESIGN(?:\.md)?|STYLE(?:\.md)?|DEPENDENCIES(?:\.md)?|issue #?\d+|D\d{1,2})\b/

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => `src/${file}`)
for (const file of files) {
  const text = readFileSync(file, 'utf8')
  const rows = text.split('\n')
  const starts = rows.reduce((found, row) => [...found, found.at(-1) + row.length + 1], [0])
  const lineAt = (offset) => starts.findLastIndex((start) => start <= offset) + 1
  const place = (offset) => `${file}:${lineAt(offset)}`
  let longest = 0
  const walk = (node, parent) => {
    if (node === null || typeof node !== 'object') return
    if (Array.isArray(node)) return node.forEach((one) => walk(one, parent))
    if (node.type === 'TSAsExpression' && text.slice(node.typeAnnotation.start, node.typeAnnotation.end) !== 'const') {
      figures.casts++
      places.casts.push(place(node.start))
    }
    if (node.type === 'TSNonNullExpression') figures.assertions++
    if (node.type === 'ConditionalExpression' && parent?.type !== 'ConditionalExpression' && depthOf(node) > 2)
      places['chained ternaries over two'].push(place(node.start))
    if (isFunction.test(node.type)) {
      const length = lineAt(node.end) - lineAt(node.start) + 1
      longest = Math.max(longest, length)
      if (length > 80) places['functions over 80'].push(`${place(node.start)} ${length}`)
    }
    for (const key of Object.keys(node)) if (key !== 'type') walk(node[key], node.type ? node : parent)
  }
  const tree = parseAst(text, { lang: file.endsWith('x') ? 'tsx' : 'ts' }, file)
  walk(tree)
  figures.longest = Math.max(figures.longest, longest)
  figures.lines += rows.length - 1
  const bare = text.replaceAll(/\/\*[^]*?\*\//g, '').split('\n')
  figures.code += bare.filter((row) => row.trim() !== '' && !row.trim().startsWith('//')).length
  rows.forEach((row, at) => {
    if (row.length > 120) places['lines over 120'].push(`${file}:${at + 1}`)
    if (citation.test(row)) places.citations.push(`${file}:${at + 1} ${row.trim()}`)
  })
}

/** Conditions in a chain: `a ? b : c ? d : e` has two. */
function depthOf({ consequent, alternate }) {
  const below = (node) => (node.type === 'ParenthesizedExpression' ? below(node.expression) : node)
  const nested = [consequent, alternate].map(below).filter(({ type }) => type === 'ConditionalExpression')
  return 1 + nested.reduce((sum, node) => sum + depthOf(node), 0)
}

const perFolder =
  Map.groupBy?.(files, dirname) ??
  files.reduce((map, file) => map.set(dirname(file), [...(map.get(dirname(file)) ?? []), file]), new Map())
console.table({
  files: files.length,
  'lines of code, comments apart': figures.code,
  'casts per 1,000 lines': Number(((1000 * figures.casts) / figures.lines).toFixed(2)),
  'casts and ! per 1,000 lines': Number(((1000 * (figures.casts + figures.assertions)) / figures.lines).toFixed(2)),
  'longest function': figures.longest,
  'most files in a folder': Math.max(...[...perFolder.values()].map((one) => one.length)),
  ...Object.fromEntries(Object.entries(places).map(([name, found]) => [name, found.length])),
})
if (process.argv.includes('--list'))
  for (const [name, found] of Object.entries(places))
    if (name !== 'casts') console.log(`${name}\n  ${found.join('\n  ')}`)
