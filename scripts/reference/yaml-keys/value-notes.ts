import type { Files } from './planned-text.js'

/** Forms of what stands in configs, each with an example that is planned when the page is written. */
export interface FormNote {
  readonly title: string
  readonly means: string
  readonly examples: readonly Files[]
}

const one = (text: string): Files => ({ 'configs/films.yaml': text })
const model = (text: string): Files => ({ 'configs/model.yaml': `tasks: model.*\n${text}` })
const rated = (text: string): Files => one(`tasks: films.rated\n${text}`)

export const patterns: readonly (readonly [pattern: string, means: string])[] = [
  ['films.*', 'all tasks of a pipeline; `*` stands for letters without a dot'],
  ['films.rated', 'one task, as `group.name`'],
  ['films:rated', 'the same: its full name'],
  ['films.half', 'the export `halfTask`: names are snake case, without `_task` at the end'],
  ['*.ra*', 'stars anywhere'],
  ['**', 'all, in groups of groups too; `**` stands for dots as well'],
  ['rated', 'a name alone is none'],
]

export const usesEntries: readonly (readonly [entry: string, means: string])[] = [
  ['films.yaml', 'a file, relative to the one that says it; its main part'],
  ['../shared/films.yaml', 'likewise; `/` between folders on every system'],
  ['/data/configs/films.yaml', 'an absolute path'],
  ['{CONFIGS}/films.yaml', "a path with one of the project's globals"],
  ['films.yaml#small', 'a part of a file'],
  ['#small', 'a part of this file'],
  ['films.yaml as train', 'its tasks are in the namespace `train`, inside the namespace of the config that says it'],
]

export const valueForms: readonly FormNote[] = [
  {
    title: 'Values',
    means:
      "Any other key is a value for the params of that name: `rows` for a param `rows`, `from_year` for `fromYear`, or what the param's `nameInConfig` says. The param's codec says the type; its default stands where the config is silent; without a default the value is required. A value is read by the tasks that the same config brings, and by no others: one that nobody reads is a warning, or an error in a `strict` project.",
    examples: [
      rated('rows: 10\nnote: first\n'),
      rated(''),
      rated('rows: ten\n'),
      rated('rows: 10\nmin_rows: 5\n'),
      rated('rows:\n'),
      rated('rows: 010\nnote: yes\n'),
    ],
  },
  {
    title: 'Objects: class, args, kwargs',
    means:
      'A param that takes [objects](../objects.md) is said as a map of `class` (a registered name, dots allowed), `args` (a list, by position) and `kwargs` (a map, by name in snake case); both may be left out where the class needs no arguments. Arguments are values in every form of this page, objects among them. In plans and keys `args` are told by name.',
    examples: [
      model('model: { class: Mean }\n'),
      model('model: { class: Ridge, args: [3], kwargs: { max_steps: 5 } }\n'),
      model('model: { class: Rigde }\n'),
      model('model: { class: Ridge, kwargs: { l: 3 } }\n'),
    ],
  },
  {
    title: 'Secrets: env',
    means:
      "A param that is `secret` is said as `{ env: NAME }`, an environment variable, or, if it must be, as the value itself. Neither is in the key, and plans hold the variable's name alone. [Secrets](../params.md#secrets-secret-true).",
    examples: [
      model('model: { class: Mean }\napi_key: { env: API_KEY }\n'),
      model('model: { class: Mean }\napi_key: { env: APIKEY }\n'),
    ],
  },
  {
    title: 'Files and folders',
    means:
      "There is no form of its own for files: whether a text is a path is said by the param's codec, `file`, `folder`, `glob` or `path`. The config says the path as a text, relative to the project's root; the content (for all but `path`) is in the key. `sha256` is null here, since this page is planned without reading. [Files, folders, patterns](../params.md#files-file).",
    examples: [model('model: { class: Mean }\nwords: texts/words.txt\n'), model('model: { class: Mean }\nwords: 5\n')],
  },
  {
    title: 'Placeholders',
    means:
      "`{NAME}` in any text, in entries of `uses` and in patterns too, is filled in from the project's `globals`. Plan and key keep it as it is written, unless the global says `inKey: true`. `{{NAME}}` is the text `{NAME}`, `{{{NAME}}}` the value in braces; what is no global stays as it is. [Placeholders](../configs.md#placeholders).",
    examples: [rated("rows: 1\nnote: '{DATA}/a.csv, {{DATA}}, {title}'\n"), rated("rows: 1\nnote: '{DATE}/a.csv'\n")],
  },
  {
    title: 'Dotted names in contexts and --set',
    means:
      'In a context, and in `--set`, a dotted name changes one leaf of a value: maps by name, lists by position from 0. [Which value is in force](../configs.md#which-value-is-in-force).',
    examples: [
      {
        ...model('model: { class: Ridge, kwargs: { l2: 3 } }\n'),
        'contexts/strong.yaml': 'model.kwargs.l2: 30\n',
      },
      { ...rated('rows: 10\n'), 'contexts/strong.yaml': 'rows.first: 30\n' },
    ],
  },
]
