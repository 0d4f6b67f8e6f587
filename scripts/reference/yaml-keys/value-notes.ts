import type { Files } from './planned-text.js'

/** Forms of values in configs, each with an example that is planned when the page is generated. */
export interface FormNote {
  readonly title: string
  readonly means: string
  readonly examples: readonly Files[]
}

const one = (text: string): Files => ({ 'configs/films.yaml': text })
const model = (text: string): Files => ({ 'configs/model.yaml': `tasks: model.*\n${text}` })
const rated = (text: string): Files => one(`tasks: films.rated\n${text}`)

export const patterns: readonly (readonly [pattern: string, means: string])[] = [
  ['films.*', 'all tasks of a pipeline; `*` matches anything without a dot'],
  ['films.rated', 'one task, as `group.name`'],
  ['films:rated', 'the same: its full name'],
  ['films.half', 'the export `halfTask`: names are snake case, without `_task` at the end'],
  ['*.ra*', 'a `*` may be anywhere'],
  ['**', 'all tasks, in nested groups too; `**` also matches dots'],
  ['rated', 'a name alone is not a pattern'],
]

export const usesEntries: readonly (readonly [entry: string, means: string])[] = [
  ['films.yaml', 'a file, relative to the one that contains the entry; its main part'],
  ['../shared/films.yaml', 'likewise; `/` between folders on every system'],
  ['/data/configs/films.yaml', 'an absolute path'],
  ['{CONFIGS}/films.yaml', "a path with one of the project's globals"],
  ['films.yaml#small', 'a part of a file'],
  ['#small', 'a part of this file'],
  ['films.yaml as train', 'its tasks are in the namespace `train`, inside the namespace of the config with this entry'],
]

export const valueForms: readonly FormNote[] = [
  {
    title: 'Values',
    means:
      "Any other key is a value for the parameters with that name: `rows` for a parameter `rows`, `from_year` for `fromYear`, or the name in the parameter's `nameInConfig`. The parameter's codec defines the type. If the config has no value, the default applies; without a default, the value is required. Only tasks that the same config brings read the value. A value that no task reads is a warning, or an error in a `strict` project.",
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
      'A parameter that takes [objects](../objects.md) is written as a map of `class` (a registered name, dots allowed), `args` (a list, by position) and `kwargs` (a map, by name in snake case). Both may be left out if the class needs no arguments. Arguments may be values in every form on this page, including objects. Plans and keys contain `args` by name.',
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
      "A `secret` parameter is written as `{ env: NAME }`, an environment variable, or, if necessary, as the value itself. Neither is part of the key, and plans contain only the variable's name. See [secrets](../params.md#secrets-secret-true).",
    examples: [
      model('model: { class: Mean }\napi_key: { env: API_KEY }\n'),
      model('model: { class: Mean }\napi_key: { env: APIKEY }\n'),
    ],
  },
  {
    title: 'Files and folders',
    means:
      "Files have no special form. The parameter's codec (`file`, `folder`, `glob` or `path`) decides whether a text is a path. The path is relative to the project's root, and the content (except for `path`) is part of the key. `sha256` is null here, because this page is planned without reading files. See [files, folders, patterns](../params.md#files-file).",
    examples: [model('model: { class: Mean }\nwords: texts/words.txt\n'), model('model: { class: Mean }\nwords: 5\n')],
  },
  {
    title: 'Placeholders',
    means:
      "`{NAME}` in any text, also in entries of `uses` and in patterns, is replaced by the value of that name in the project's `globals`. Plan and key contain it as written, unless the global has `inKey: true`. `{{NAME}}` is the text `{NAME}`, and `{{{NAME}}}` is the value in braces. A name that is not a global is left as it is. See [placeholders](../configs.md#placeholders).",
    examples: [rated("rows: 1\nnote: '{DATA}/a.csv, {{DATA}}, {title}'\n"), rated("rows: 1\nnote: '{DATE}/a.csv'\n")],
  },
  {
    title: 'Dotted names in contexts and --set',
    means:
      'In a context, and in `--set`, a dotted name changes one leaf of a value: maps by name, lists by position from 0. See [which value is in force](../configs.md#which-value-is-in-force).',
    examples: [
      {
        ...model('model: { class: Ridge, kwargs: { l2: 3 } }\n'),
        'contexts/strong.yaml': 'model.kwargs.l2: 30\n',
      },
      { ...rated('rows: 10\n'), 'contexts/strong.yaml': 'rows.first: 30\n' },
    ],
  },
]
