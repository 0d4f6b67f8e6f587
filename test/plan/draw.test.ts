import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { inMemory } from '../../src/declare/format.js'
import { from, matching, optional } from '../../src/declare/input.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { toDot, toMermaid, type DrawnState } from '../../src/plan/inspect/draw/draw.js'
import type { PlanNode } from '../../src/plan/plan-types.js'
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
  rankdir=LR nslimit=4 nslimit1=4 nodesep=0.15 ranksep=0.4 pad=0.3
  fontname="Helvetica,Arial,Liberation Sans,DejaVu Sans,sans-serif" fontsize=12 labeljust=l
  node [shape=box, fontname="Helvetica,Arial,Liberation Sans,DejaVu Sans,sans-serif", fontsize=12, margin="0.2,0.06", height=0.3]
  edge [color="#666666", arrowsize=0.7]
  subgraph "cluster_ movies" {
    label="movies" fontsize=12 fontcolor="#2c6196" color="#2c6196" penwidth=0.5
    style="rounded,filled" fillcolor="#f4f7fb"
    "movies:rows" [label="rows", style="filled,solid", fillcolor="#cee0f3", color="#2c6196", penwidth=1.5]
  }
  subgraph "cluster_ rating_model" {
    label="rating_model" fontsize=12 fontcolor="#962c42" color="#962c42" penwidth=0.5
    style="rounded,filled" fillcolor="#fbf4f5"
    "rating_model:model" [label="model", style="filled", fillcolor="#f3ced6", color="#962c42", penwidth=0]
  }
  subgraph "cluster_a" {
    label="a" fontsize=14 color="#999999" style="rounded,dashed"
    subgraph "cluster_a::b" {
      label="b" fontsize=14 color="#999999" style="rounded,dashed"
      subgraph "cluster_a::b movies" {
        label="movies" fontsize=12 fontcolor="#2c6196" color="#2c6196" penwidth=0.5
        style="rounded,filled" fillcolor="#f4f7fb"
        "a::b::movies:rows" [label="rows", style="filled,dashed", fillcolor="#cee0f3", color="#2c6196", penwidth=1.5]
      }
    }
  }
  "movies:rows" -> "rating_model:model"
  "a::b::movies:rows" -> "rating_model:model"
  label="solid border: stored · dashed: to compute · no border: in memory only" labelloc=b labeljust=c fontcolor="#666666"
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
  expect(toDot(evil)).toContain('"a\\"];  evil" [label="\\"]\\\\;<b>"')
  expect(toMermaid(evil)).toContain('["end<br>#34;#93;#92;#59;#60;b#62;"]')
  expect(toMermaid(evil)).toContain('subgraph f0["x#34;#93;#10;"]')
})

const node = (id: string, group: string, inputs: readonly string[] = []): PlanNode =>
  ({
    ...plan.nodes[0],
    id,
    key: id,
    group,
    name: id,
    namespace: '',
    inputs: Object.fromEntries(inputs.map((input) => [input, input])),
  }) as PlanNode
const drawing = {
  nodes: [
    node('a', 'raw'),
    node('b', 'raw:old', ['a']),
    node('c', 'model', ['b']),
    node('d', 'model', ['c']),
    node('e', 'report', ['d']),
    node('f', 'rawest', ['a']),
  ],
}
const boxes = (text: string): readonly string[] => [...text.matchAll(/^ *"(\w+)" \[/gm)].map(([, id]) => id ?? '')

test('a group has one colour in the drawings of all configs', () => {
  const allGroups = ['report', 'raw', 'another', 'model']
  const colour = (nodes: readonly PlanNode[], group: string): string | undefined =>
    new RegExp(`label="${group}" fontsize=12 fontcolor="(.*?)"`).exec(toDot({ nodes }, undefined, { allGroups }))?.[1]
  const [one, other] = [drawing.nodes.slice(2, 4), drawing.nodes]
  expect(colour(one, 'model')).toBe(colour(other, 'model'))
  expect(colour(other, 'model')).not.toBe(colour(other, 'report'))
  const mermaid = (nodes: readonly PlanNode[]): string | undefined =>
    /\["model<br>c"\]:::(g\d+)[^]*classDef \1 fill:(#\w+)/.exec(toMermaid({ nodes }, undefined, { allGroups }))?.[2]
  expect(mermaid(one)).toBe(mermaid(other))
})

test('chosen groups are drawn with the groups below them, and on demand with their neighbours', () => {
  expect(boxes(toDot(drawing, undefined, { groups: ['raw'] }))).toEqual(['a', 'b'])
  const around = toDot(drawing, undefined, { groups: ['model'], neighbours: true })
  expect(boxes(around).toSorted()).toEqual(['b', 'c', 'd', 'e'])
  expect(around).not.toContain('"a" ->')
  expect(toMermaid(drawing, undefined, { groups: ['report'] })).toContain('["report<br>e"]')
})

test('a deep graph is drawn downwards, names are broken, and a legend says what borders that are drawn mean', () => {
  const path = Array.from({ length: 30 }, (_, at) => node(`n${at}`, 'g', at === 0 ? [] : [`n${at - 1}`]))
  const row = Array.from({ length: 30 }, (_, at) => node(`n${at}`, 'g'))
  expect(toDot({ nodes: path })).toContain('rankdir=TB')
  expect(toDot({ nodes: row })).toContain('rankdir=LR')
  expect(toMermaid({ nodes: path })).toMatch(/^flowchart TB/)
  expect(toDot({ nodes: [node('test_metrics_of_all_models_by_genre', 'g')] })).toContain(
    '[label="test_metrics_of_all_\\nmodels_by_genre"',
  )
  expect(toDot({ nodes: row })).not.toContain('border')
  expect(toDot({ nodes: row }, new Map(row.map(({ id }) => [id, 'to_run'])))).toContain('label="dashed: to compute"')
})
