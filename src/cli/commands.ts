import type { Command } from './call.js'

/** An operand of a command: `<config>`, `[task...]`. */
export interface OperandDescription {
  readonly syntax: string
  readonly about: string
  /** What a shell offers for it. */
  readonly completes?: 'config' | 'task' | 'folder'
}

/** An option of a command. */
export interface OptionDescription {
  readonly flags: string
  readonly about: string
  /** The only values it takes. */
  readonly choices?: readonly string[]
  readonly repeatable?: boolean
  readonly whole?: 'number'
  readonly completes?: 'file' | 'task' | 'folder'
}

/** A command as help, parser and shell completion see it; its code is only loaded when it is called. */
export interface CommandDescription {
  readonly name: string
  readonly about: string
  readonly operands: readonly OperandDescription[]
  readonly options: readonly OptionDescription[]
  readonly examples: readonly string[]
  readonly hidden?: boolean
  /** Takes everything after its name as it is. */
  readonly verbatim?: boolean
  readonly load: () => Promise<Command>
}

const config: OperandDescription = {
  syntax: '<config>',
  about: 'a config: a path, with or without its extension, `#part` for a part of it',
  completes: 'config',
}
const task: OperandDescription = {
  syntax: '<task>',
  about: 'a task: `name`, `group:name` or `namespace::group:name`',
  completes: 'task',
}

/** Options that every command takes, before or after its name. */
export const commonOptions: readonly OptionDescription[] = [
  {
    flags: '--project <file>',
    about: 'the project; default: the taskchain.config.{ts,mts,js,mjs} in this folder or above',
    completes: 'file',
  },
  { flags: '--store <dir>', about: "where results are kept; default: the project's store", completes: 'folder' },
  {
    flags: '--context <file>',
    about: 'values laid over the config (repeatable, later wins)',
    repeatable: true,
    completes: 'file',
  },
  {
    flags: '--set <name=value>',
    about: 'one value laid over everything, as YAML; a.b reaches into a value (repeatable, later wins)',
    repeatable: true,
  },
  { flags: '--json', about: 'output for programs' },
  {
    flags: '--log-level <level>',
    about: "how much of the tasks' logs is shown",
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
  },
  { flags: '--no-color', about: 'no colours; also without a terminal or with NO_COLOR set' },
]

export const commands: readonly CommandDescription[] = [
  {
    name: 'init',
    about: 'make a small working project',
    operands: [{ syntax: '[dir]', about: 'where; default: this folder', completes: 'folder' }],
    options: [],
    examples: ['taskchain init', 'taskchain init my-project'],
    load: async () => (await import('./commands/init.js')).init,
  },
  {
    name: 'plan',
    about: 'show what a run would do: cached, to run, in memory, and how long it took before',
    operands: [config],
    options: [],
    examples: [
      'taskchain plan configs/movies.yaml',
      'taskchain plan movies --set min_votes=500',
      'taskchain plan movies --json | jq .nodes[].key',
    ],
    load: async () => (await import('./commands/plan.js')).planCommand,
  },
  {
    name: 'run',
    about: 'compute tasks and what they need; what is stored already is not computed again',
    operands: [
      config,
      { syntax: '[task...]', about: 'tasks to compute; default: all that are kept', completes: 'task' },
    ],
    options: [
      {
        flags: '--force <task>',
        about: 'compute this one and all that depends on it again (repeatable)',
        repeatable: true,
        completes: 'task',
      },
      { flags: '--concurrency <n>', about: 'tasks at once; default: number of processors', whole: 'number' },
      { flags: '--keep-going', about: 'after a failure, finish what does not depend on it (default)' },
      { flags: '--fail-fast', about: 'stop at the first failure' },
      { flags: '--show', about: 'afterwards show the values of the tasks named' },
      { flags: '--check-mutation', about: 'fail a task that changes a value it was given' },
      { flags: '--no-repair', about: 'an artifact that cannot be read is an error; default: it is computed again' },
      {
        flags: '--executor <name>',
        about: 'where tasks run: in this process (local), or each on a thread of its own (workers)',
        choices: ['local', 'workers'],
      },
    ],
    examples: [
      'taskchain run configs/movies.yaml',
      'taskchain run model rating_model:test_metrics --show',
      'taskchain run model --force all_movies --concurrency 2',
      'taskchain run model --json > events.jsonl',
    ],
    load: async () => (await import('./commands/run.js')).run,
  },
  {
    name: 'tasks',
    about: 'a table of the tasks of a config: what is computed, when, how long it took, how big it is',
    operands: [config],
    options: [],
    examples: ['taskchain tasks movies', 'taskchain tasks movies --json'],
    load: async () => (await import('./commands/tasks.js')).tasks,
  },
  {
    name: 'show',
    about: 'a preview of a value',
    operands: [config, task],
    options: [
      { flags: '--rows <n>', about: 'how much of it; default 10', whole: 'number' },
      { flags: '--compute', about: 'compute it first where it is not stored' },
    ],
    examples: [
      'taskchain show movies filtered',
      'taskchain show movies movies:filtered --rows 50',
      'taskchain show movies filtered --json > filtered.json',
    ],
    load: async () => (await import('./commands/show.js')).show,
  },
  {
    name: 'info',
    about: 'how a value was made: parameters, inputs, times, notes',
    operands: [config, task],
    options: [],
    examples: ['taskchain info movies filtered', 'taskchain info movies filtered --json | jq .info.time'],
    load: async () => (await import('./commands/info.js')).info,
  },
  {
    name: 'log',
    about: 'what a task logged',
    operands: [config, task],
    options: [{ flags: '--failed', about: 'of the last run that failed' }],
    examples: ['taskchain log movies filtered', 'taskchain log movies filtered --failed'],
    load: async () => (await import('./commands/log.js')).log,
  },
  {
    name: 'force',
    about: 'have tasks and all that depends on them computed again by the next run',
    operands: [config, { syntax: '<task...>', about: 'the tasks', completes: 'task' }],
    options: [
      { flags: '--delete', about: 'delete their data now' },
      { flags: '--dry-run', about: 'only say what would be forced' },
    ],
    examples: [
      'taskchain force movies filtered --dry-run',
      'taskchain force movies filtered',
      'taskchain force movies all_movies --delete',
    ],
    load: async () => (await import('./commands/force.js')).force,
  },
  {
    name: 'link',
    about: 'make readable links beside the results: <config or its human_readable_data_name>.<ext>',
    operands: [config],
    options: [
      {
        flags: '--group <group>',
        about: 'only the tasks of a group and of groups below it (repeatable)',
        repeatable: true,
      },
      { flags: '--name <name>', about: 'what links are called, before the extension' },
    ],
    examples: ['taskchain link movies', 'taskchain link model --group rating_model --name baseline'],
    load: async () => (await import('./commands/link.js')).link,
  },
  {
    name: 'draw',
    about: 'draw the chain: colour by group; no border: not kept, dashed: to compute, solid: computed',
    operands: [config],
    options: [
      { flags: '--mermaid', about: 'Mermaid (default)' },
      { flags: '--dot', about: 'DOT, the language of Graphviz' },
      { flags: '--svg', about: 'a picture; needs the package @viz-js/viz' },
      { flags: '--png', about: 'a picture; needs the packages @viz-js/viz and @resvg/resvg-js' },
      { flags: '-o, --output <file>', about: 'where to; default: standard output', completes: 'file' },
    ],
    examples: [
      'taskchain draw model > model.mmd',
      'taskchain draw model --dot | dot -Tsvg > model.svg',
      'taskchain draw model --svg -o model.svg',
    ],
    load: async () => (await import('./commands/draw.js')).draw,
  },
  {
    name: 'why',
    about: 'why a task is or is not computed again: the values that differ from the nearest result, with file and line',
    operands: [config, task],
    options: [],
    examples: [
      'taskchain why movies filtered',
      'taskchain why model test_metrics --set min_votes=500',
      'taskchain why movies filtered --json | jq .causes',
    ],
    load: async () => (await import('./commands/why.js')).whyCommand,
  },
  {
    name: 'diff',
    about:
      'how two configs differ, or one from itself at a revision of git: params, tasks, what is to be computed, metrics',
    operands: [
      { syntax: '<config>', about: 'a config; `config@revision` as it was then', completes: 'config' },
      { syntax: '[other]', about: 'the later one; default: the same config as it is now', completes: 'config' },
    ],
    options: [],
    examples: [
      'taskchain diff model/baseline model/ridge',
      'taskchain diff movies@HEAD',
      'taskchain diff movies@v1.0 movies@main --json',
    ],
    load: async () => (await import('./commands/diff.js')).diff,
  },
  {
    name: 'bless',
    about: 'accept results that were computed by older code, until the code changes again',
    operands: [config, { syntax: '[task...]', about: 'tasks to accept; default: all', completes: 'task' }],
    options: [{ flags: '--dry-run', about: 'only say what would be accepted' }],
    examples: ['taskchain bless movies --dry-run', 'taskchain bless movies filtered', 'taskchain bless movies'],
    load: async () => (await import('./commands/bless.js')).bless,
  },
  {
    name: 'check',
    about: 'plan every config below a folder and tell all errors and warnings at once',
    operands: [
      { syntax: '[dir]', about: "where to look; default: the project's folder of configs", completes: 'folder' },
    ],
    options: [
      {
        flags: '--format <format>',
        about: 'github: annotations of GitHub Actions; json: as --json; default: text',
        choices: ['text', 'json', 'github'],
      },
      {
        flags: '--all',
        about:
          'also list every config and what it is (fine, wrong, partial, values only), and every place of every problem',
      },
      { flags: '--strict', about: 'warnings fail too' },
    ],
    examples: [
      'taskchain check',
      'taskchain check configs/rating_model --json',
      'taskchain check --format github --strict',
    ],
    load: async () => (await import('./commands/check.js')).check,
  },
  {
    name: 'sweep',
    about: 'run a config under all combinations of values, as one plan, and make a table of the results',
    operands: [
      config,
      {
        syntax: '[task...]',
        about: 'tasks to compute besides the metrics; default: all that are kept',
        completes: 'task',
      },
    ],
    options: [
      {
        flags: '--range <name=from..to>',
        about: 'numbers: from..to, from..to:step or from..to:*factor (repeatable)',
        repeatable: true,
      },
      { flags: '--sweep <file>', about: 'a YAML file with set, range, zip and metrics', completes: 'file' },
      { flags: '--zip', about: 'first values together, then the second ones; default: all combinations' },
      {
        flags: '--metrics <task>',
        about: 'a task whose value makes columns of the table (repeatable)',
        repeatable: true,
        completes: 'task',
      },
      { flags: '--only-metrics', about: 'compute only the metrics and what they need' },
      {
        flags: '--sort <column>',
        about: 'a column to sort by, -column for the greatest first; default: the swept values',
      },
      { flags: '--csv', about: 'the table as CSV' },
      { flags: '--dry-run', about: 'only say what would be computed' },
      { flags: '--concurrency <n>', about: 'tasks at once; default: number of processors', whole: 'number' },
      {
        flags: '--executor <name>',
        about: 'where tasks run: in this process (local), or each on a thread of its own (workers)',
        choices: ['local', 'workers'],
      },
      { flags: '--fail-fast', about: 'stop at the first failure; default: finish what does not depend on it' },
      { flags: '--yes', about: 'run more than 1000 combinations' },
    ],
    examples: [
      'taskchain sweep model --set min_votes=100,500 --set model.kwargs.l2=0.1,1,10 --metrics test_metrics --dry-run',
      'taskchain sweep model --range seed=1..10 --metrics test_metrics --sort rmse',
      'taskchain sweep model --sweep sweeps/ridge.yaml --csv > ridge.csv',
    ],
    load: async () => (await import('./commands/sweep.js')).sweep,
  },
  {
    name: 'gc',
    about:
      'list what no config of the project reaches, with bytes, age and time to recompute; --yes moves it to the trash',
    operands: [],
    options: [
      { flags: '--dry-run', about: 'only look (default)' },
      { flags: '--yes', about: "move what is unreachable to the store's trash" },
      {
        flags: '--max-bytes <size>',
        about:
          'let unreachable artifacts stay while the store is no larger, as in 10GB; the cheap to recompute go first',
      },
      { flags: '--max-age <days>', about: 'let unreachable artifacts stay while they are no older' },
      {
        flags: '--revisions <rev>',
        about: 'the configs at this revision of git count too (repeatable)',
        repeatable: true,
      },
      {
        flags: '--pin <pin>',
        about:
          'keep a key, a task, or what `run CONFIG …` or `sweep CONFIG …` plans; besides the file taskchain.pins (repeatable)',
        repeatable: true,
      },
      {
        flags: '--ignore-broken',
        about: 'go on although some configs cannot be planned: what they reach counts as unreachable',
      },
      { flags: '--purge', about: 'instead delete what is in the trash or was set aside as damaged; with --yes' },
    ],
    examples: [
      'taskchain gc',
      'taskchain gc --context contexts/quick.yaml --revisions main --yes',
      'taskchain gc --max-bytes 50GB --yes',
      'taskchain gc --purge --yes',
    ],
    load: async () => (await import('./commands/gc.js')).gc,
  },
  {
    name: 'verify',
    about:
      'read all that is stored and compare it with its checksums; what is damaged is set aside and computed again at the next ask',
    operands: [],
    options: [
      { flags: '--dry-run', about: 'set nothing aside' },
      { flags: '--concurrency <n>', about: 'artifacts read at once; default 4', whole: 'number' },
    ],
    examples: ['taskchain verify', 'taskchain verify --dry-run --json'],
    load: async () => (await import('./commands/verify.js')).verify,
  },
  {
    name: 'schema',
    about: "a JSON Schema of the project's configs: editors complete names and underline mistakes",
    operands: [],
    options: [
      { flags: '-o, --output <file>', about: 'where to; default: standard output', completes: 'file' },
      { flags: '--contexts', about: 'of contexts instead of configs' },
    ],
    examples: [
      'taskchain schema -o taskchain.schema.json',
      'taskchain schema --contexts -o taskchain.contexts.schema.json',
    ],
    load: async () => (await import('./commands/schema.js')).schema,
  },
  {
    name: 'completion',
    about: 'print a script that teaches a shell our commands, options, configs and tasks',
    operands: [{ syntax: '<shell>', about: 'bash, zsh or fish' }],
    options: [],
    examples: [
      'source <(taskchain completion bash)',
      'taskchain completion zsh > "${fpath[1]}/_taskchain"',
      'taskchain completion fish | source',
    ],
    load: async () => (await import('./commands/completion.js')).completion,
  },
  {
    name: 'complete',
    about: 'what a shell may offer next',
    operands: [{ syntax: '[word...]', about: 'the words so far, the last one being written' }],
    options: [],
    examples: [],
    hidden: true,
    verbatim: true,
    load: async () => (await import('./commands/complete.js')).complete,
  },
]
