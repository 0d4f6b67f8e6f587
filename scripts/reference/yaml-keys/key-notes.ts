import type { ReservedName } from '../../../src/declare/param.js'
import type { Files } from './planned-text.js'

/** Explains each key of a config or context, with examples that are planned when the page is generated. */
export interface KeyNote {
  readonly where: string
  /** Stated only if the schema lacks it. */
  readonly type?: string
  readonly absent: string
  readonly means: string
  readonly right: Files
  readonly wrong: readonly Files[]
}

const one = (text: string): Files => ({ 'configs/films.yaml': text })
const films = 'tasks: films.*\nrows: 10\n'

/** Keys with a meaning of their own. The compiler reports a missing one. */
export const keyNotes: Readonly<Record<ReservedName | '$schema' | 'x-…', KeyNote>> = {
  tasks: {
    where: 'configs and parts; refused in contexts',
    absent: 'the config has no tasks of its own, only what it `uses`',
    means:
      'The tasks that the config brings into the chain: one [pattern](#patterns-of-tasks) or a list. A task reads the values of the config that brings it. A pattern never selects abstract tasks and templates.',
    right: one('tasks: [films.rated, films.half]\nrows: 10\n'),
    wrong: [one('tasks: 5\n'), one('tasks: film.*\n'), one('tasks: films.half\n')],
  },
  excluded_tasks: {
    where: 'configs and parts; refused in contexts',
    absent: 'nothing is excluded',
    means: 'Tasks that the config does not bring, although a pattern of its `tasks` matches them. The patterns have the same form.',
    right: one(`${films}excluded_tasks: films.extra\n`),
    wrong: [one(`${films}excluded_tasks: { films: extra }\n`), one(`${films}excluded_tasks: films.extr\n`)],
  },
  uses: {
    where: 'configs, parts and contexts; refused below `for_namespaces`',
    absent: 'nothing is used',
    means:
      'Other configs whose tasks belong to the chain too: one [entry](#entries-of-uses) or a list. In a context: further contexts, whose values override those of the context that uses them. A config that is used twice in one namespace counts once.',
    right: {
      'configs/model.yaml': 'tasks: model.*\nuses: films.yaml as train\nmodel: { class: Mean }\n',
      'configs/films.yaml': films,
    },
    wrong: [
      one(`${films}uses: other.yaml\n`),
      one(`${films}uses: films.yaml\n`),
      one(`${films}uses: films.yaml as ../up\n`),
    ],
  },
  configs: {
    where: 'the top of a file; only `x-…` and `$schema` may be next to it',
    type: 'a map of parts, each a config',
    absent: 'the file is one config',
    means:
      'Several configs in one file, by name. `file#part` refers to a part, and the file name alone to its main part. A context may be a part too.',
    right: one(
      'configs:\n  all: { main_part: true, uses: ["#small as train", "#model"] }\n  small: { tasks: films.half, uses: "#rated" }\n  rated: { tasks: films.rated, rows: 2 }\n  model: { tasks: model.*, model: { class: Mean } }\n',
    ),
    wrong: [
      one('configs:\n  small: { tasks: films.*, rows: 1 }\n  large: { tasks: films.*, rows: 2 }\n'),
      one('configs:\n  small: { tasks: films.*, uses: "#smal" }\n'),
      one('configs: []\n'),
      one('rows: 10\nconfigs:\n  small: { tasks: films.*, rows: 1 }\n'),
    ],
  },
  main_part: {
    where: 'one part of `configs`',
    absent: 'a single part is the main one; of several parts, none is',
    means: 'The part that a file name without `#part` refers to.',
    right: one(
      'configs:\n  small: { tasks: films.rated, rows: 1, main_part: true }\n  large: { tasks: films.rated, rows: 1000 }\n',
    ),
    wrong: [
      one('configs:\n  small: { tasks: films.*, rows: 1, main_part: yes }\n'),
      one(
        'configs:\n  small: { tasks: films.*, rows: 1, main_part: true }\n  large: { tasks: films.*, rows: 2, main_part: true }\n',
      ),
    ],
  },
  human_readable_data_name: {
    where: 'configs, parts and contexts',
    absent: "links are named after the config's file and part",
    means:
      'The name of the readable links to the results of this config, which `taskchain link` and `chain.linkReadable()` make. It is not part of the key. Placeholders are replaced.',
    right: one(`tasks: films.rated\nrows: 10\nhuman_readable_data_name: ten_films\n`),
    wrong: [one(`${films}human_readable_data_name: ten/films\n`), one(`${films}human_readable_data_name: 10\n`)],
  },
  for_namespaces: {
    where: 'contexts; has no effect in a config',
    absent: 'the context gives the same values to all namespaces',
    means:
      "Values for configs in one namespace each; `''` is the top. They override the context's other values. Nested namespaces are not included: `a` does not apply to `a::b`.",
    right: {
      'configs/both.yaml': 'uses: [films.yaml as train, films.yaml as test]\n',
      'configs/films.yaml': 'tasks: films.rated\nrows: 10\n',
      'contexts/small.yaml': 'note: quick\nfor_namespaces:\n  test: { rows: 2 }\n',
    },
    wrong: [
      { ...one('tasks: films.rated\nrows: 10\n'), 'contexts/small.yaml': 'for_namespaces: { train: 5 }\n' },
      { ...one('tasks: films.rated\nrows: 10\n'), 'contexts/small.yaml': 'for_namespaces: { train: { rows: 5 } }\n' },
      { ...one('tasks: films.rated\nrows: 10\n'), 'contexts/small.yaml': 'tasks: films.*\n' },
    ],
  },
  $schema: {
    where: 'the top of a JSON file; YAML uses a comment',
    absent: 'editors offer no completion',
    means:
      'The file written by `taskchain schema`, relative to this one, for editors. In YAML, write it in the first line: `# yaml-language-server: $schema=../taskchain.schema.json`. taskchain itself does not read it.',
    right: { 'configs/films.json': '{ "$schema": "../taskchain.schema.json", "tasks": "films.rated", "rows": 10 }\n' },
    wrong: [],
  },
  'x-…': {
    where: 'the top of a config, part or context, and next to `configs`',
    type: 'anything',
    absent: 'no effect',
    means: 'Notes, and values that YAML anchors refer to. No task reads them, and nothing warns about them.',
    right: one('x-size: &size 10\nx-why: the first try\ntasks: films.rated\nrows: *size\n'),
    wrong: [one('size: 10\ntasks: films.rated\nrows: 10\n')],
  },
}
