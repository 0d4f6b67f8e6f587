import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { inMemory } from '../../src/declare/format.js'
import { from, matching, optional } from '../../src/declare/input.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { toDot, toMermaid, type DrawnState } from '../../src/plan/inspect/draw.js'
import { printPlan } from '../../src/plan/inspect/print-plan.js'
import { planned } from './fixtures.js'

const rows = defineTask({ params: { file: t.string, odd: t.unknown }, data: t.number }).run(() => 1)
const model = defineTask({
  inputs: {
    rows,
    train: from('a::b', rows),
    none: optional(from('nowhere', rows), null),
    all: matching(/rows/, t.number, { anyNamespace: true }),
    empty: matching(/nothing/, t.number),
  },
  data: inMemory<number>(),
}).run(() => 1)
const values = { file: 'x "y"', odd: { a: [1, null], b: {} } }
const plan = planned(
  defineProject({ pipelines: { movies: { rows }, ratingModel: { model } } }),
  { tasks: '**', values },
  { id: 'b.yaml', namespace: 'a::b', tasks: 'movies.*', values },
)

test('a plan as text', () => {
  expect(printPlan(plan)).toBe(
    `
a::b::movies:rows  (json)
  file = "x \\"y\\""
  odd = { "a": [1, null], "b": {} }
movies:rows  (json)
  file = "x \\"y\\""
  odd = { "a": [1, null], "b": {} }
rating_model:model  (inMemory)
  rows <- movies:rows
  train <- a::b::movies:rows
  none <- (none)
  all <- { a::b::movies:rows, movies:rows }
  empty <- {}`.trimStart(),
  )
})

const states = new Map<string, DrawnState>([
  ['movies:rows', 'cached'],
  ['a::b::movies:rows', 'to_run'],
  ['rating_model:model', 'in_memory'],
])

test('as DOT: colour by group, border by state, a frame for each namespace', () => {
  expect(toDot(plan, states)).toBe(
    `
digraph chain {
  rankdir=LR
  node [shape=box, fontname="Helvetica"]
  edge [color="#666666"]
  "movies:rows" [label="movies\\nrows", style="filled,solid", fillcolor="#cee0f3", color="#2c6196", penwidth=1.5]
  "rating_model:model" [label="rating_model\\nmodel", style="filled", fillcolor="#f3ced6", color="#962c42", penwidth=0]
  subgraph "cluster_a" {
    label="a"
    color="#999999"
    subgraph "cluster_a::b" {
      label="b"
      color="#999999"
      "a::b::movies:rows" [label="movies\\nrows", style="filled,dashed", fillcolor="#cee0f3", color="#2c6196", penwidth=1.5]
    }
  }
  "movies:rows" -> "rating_model:model"
  "a::b::movies:rows" -> "rating_model:model"
}
`.trimStart(),
  )
})

test('as Mermaid', () => {
  expect(toMermaid(plan, states)).toBe(
    `
flowchart LR
  n1["movies<br>rows"]:::g0
  n2["rating_model<br>model"]:::g1
  subgraph f0["a"]
    subgraph f1["b"]
      n0["movies<br>rows"]:::g0
    end
  end
  n1 --> n2
  n0 --> n2
  classDef g0 fill:#cee0f3,stroke:#2c6196,color:#111
  classDef g1 fill:#f3ced6,stroke:#962c42,color:#111
  classDef none stroke-width:0
  class n2 none
  classDef dashed stroke-dasharray:5 4
  class n0 dashed
`.trimStart(),
  )
})

test('names cannot end a label', () => {
  const [node] = plan.nodes
  const evil = {
    nodes: [{ ...node, id: 'a"];\n evil', name: '"]\\;<b>', group: 'end', namespace: 'x"]\n', inputs: {} }],
  } as never
  expect(toDot(evil)).toContain('"a\\"];  evil" [label="end\\n\\"]\\\\;<b>"')
  expect(toMermaid(evil)).toContain('["end<br>#34;#93;#92;#59;#60;b#62;"]')
  expect(toMermaid(evil)).toContain('subgraph f0["x#34;#93;#10;"]')
})
