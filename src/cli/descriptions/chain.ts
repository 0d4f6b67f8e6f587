import { config, task, type CommandDescription } from '../command-description.js'
import { queueOptions } from './queue.js'

/** Commands about one config: its plan, its runs, its results, and how it differs from others. */

export const plan: CommandDescription = {
  name: 'plan',
  about: 'show what a run would do: what is cached, to run or in memory only, and how long each task took before',
  operands: [config],
  options: [],
  examples: [
    'taskchain plan configs/movies.yaml',
    'taskchain plan movies --set min_votes=500',
    'taskchain plan movies --json | jq .nodes[].key',
  ],
  load: async () => (await import('../commands/plan.js')).planCommand,
}

const noAdopt = 'do not adopt earlier results made from inputs of equal content; compute them'

export const run: CommandDescription = {
  name: 'run',
  about: 'compute tasks and their dependencies; results that are already stored are reused',
  operands: [
    config,
    { syntax: '[task...]', about: 'tasks to compute; default: all whose results are kept', completes: 'task' },
  ],
  options: [
    {
      flags: '--force <task>',
      about: 'recompute this task and everything that depends on it (repeatable)',
      repeatable: true,
      completes: 'task',
    },
    { flags: '--concurrency <n>', about: 'how many tasks run at once; default: number of processors', whole: 'number' },
    { flags: '--keep-going', about: 'after a failure, finish everything that does not depend on it (default)' },
    { flags: '--fail-fast', about: 'stop at the first failure' },
    { flags: '--dry-run', about: 'compute nothing; show the plan of the requested tasks, as `plan` does' },
    { flags: '--watch', about: 'run again whenever a config, a file named by a param, or code changes, until Ctrl-C' },
    { flags: '--quiet', about: 'print only problems; with --json only the final event' },
    { flags: '--verbose', about: 'also report each result that is loaded' },
    { flags: '--show', about: 'after the run, show the values of the named tasks' },
    { flags: '--check-mutation', about: 'fail a task that modifies a value passed to it' },
    { flags: '--no-adopt', about: noAdopt },
    { flags: '--no-repair', about: 'fail on an artifact that cannot be read; default: recompute it' },
    {
      flags: '--executor <name>',
      about:
        'where tasks run: in this process (local), each on a thread (workers), each in a process of its own ' +
        '(processes), or on the machines where `taskchain worker` runs (bullmq)',
      choices: ['local', 'workers', 'processes', 'bullmq'],
    },
    ...queueOptions,
  ],
  examples: [
    'taskchain run configs/movies.yaml',
    'taskchain run model rating_model:test_metrics --show',
    'taskchain run model --force all_movies --concurrency 2',
    'taskchain run model --watch',
    'taskchain run model --json > events.jsonl',
  ],
  load: async () => (await import('../commands/run.js')).run,
}

export const tasks: CommandDescription = {
  name: 'tasks',
  about: 'list the tasks of a config: which are computed, when, how long each took, how big its result is',
  operands: [config],
  options: [],
  examples: ['taskchain tasks movies', 'taskchain tasks movies --json'],
  load: async () => (await import('../commands/tasks.js')).tasks,
}

export const show: CommandDescription = {
  name: 'show',
  about: 'show a preview of a value',
  operands: [config, task],
  options: [
    { flags: '--rows <n>', about: 'number of rows, items, lines or files to show; default 10', whole: 'number' },
    { flags: '--compute', about: 'compute the value first if it is not stored' },
  ],
  examples: [
    'taskchain show movies filtered',
    'taskchain show movies movies:filtered --rows 50',
    'taskchain show movies filtered --json > filtered.json',
  ],
  load: async () => (await import('../commands/show.js')).show,
}

export const exported: CommandDescription = {
  name: 'export',
  about: 'copy a stored result out of the store, as a file or a folder',
  operands: [config, task],
  options: [
    { flags: '-o, --output <file>', about: 'destination; written completely or not at all', completes: 'file' },
    { flags: '--force', about: 'replace an existing destination' },
  ],
  examples: [
    'taskchain export movies filtered -o filtered.json',
    'taskchain export model rating_model:plots -o plots --force',
    'taskchain export movies filtered -o /tmp/filtered.json --json | jq .size',
  ],
  load: async () => (await import('../commands/results/export.js')).exportCommand,
}

export const info: CommandDescription = {
  name: 'info',
  about: 'show how a value was computed: parameters, inputs, times, notes',
  operands: [config, task],
  options: [],
  examples: ['taskchain info movies filtered', 'taskchain info movies filtered --json | jq .info.time'],
  load: async () => (await import('../commands/info.js')).info,
}

export const log: CommandDescription = {
  name: 'log',
  about: 'show the log of a task',
  operands: [config, task],
  options: [{ flags: '--failed', about: 'the log of the last run that failed' }],
  examples: ['taskchain log movies filtered', 'taskchain log movies filtered --failed'],
  load: async () => (await import('../commands/log.js')).log,
}

export const force: CommandDescription = {
  name: 'force',
  about: 'mark tasks and everything that depends on them to be recomputed by the next run',
  operands: [config, { syntax: '<task...>', about: 'tasks to force', completes: 'task' }],
  options: [
    { flags: '--delete', about: 'delete their data now' },
    { flags: '--dry-run', about: 'only list what would be forced' },
  ],
  examples: [
    'taskchain force movies filtered --dry-run',
    'taskchain force movies filtered',
    'taskchain force movies all_movies --delete',
  ],
  load: async () => (await import('../commands/force.js')).force,
}

export const link: CommandDescription = {
  name: 'link',
  about: 'create readable links next to the results: <config or its human_readable_data_name>.<ext>',
  operands: [config],
  options: [
    {
      flags: '--group <group>',
      about: 'only the tasks of this group and of the groups below it (repeatable)',
      repeatable: true,
    },
    { flags: '--name <name>', about: 'name of the links, without extension' },
  ],
  examples: ['taskchain link movies', 'taskchain link model --group rating_model --name baseline'],
  load: async () => (await import('../commands/link.js')).link,
}

export const draw: CommandDescription = {
  name: 'draw',
  about: 'draw the chain: colour by group; border: solid if computed, dashed if to compute, none if not kept',
  operands: [config],
  options: [
    {
      flags: '--group <group>',
      about: 'only the tasks of this group and of the groups below it (repeatable)',
      repeatable: true,
    },
    { flags: '--neighbours', about: 'with --group: also the tasks that these read, and those that read them' },
    { flags: '--mermaid', about: 'as Mermaid (default)' },
    { flags: '--dot', about: 'as DOT, the language of Graphviz' },
    { flags: '--svg', about: 'as SVG; needs the package @viz-js/viz' },
    { flags: '--png', about: 'as PNG; needs the packages @viz-js/viz and @resvg/resvg-js' },
    {
      flags: '-o, --output <file>',
      about: 'output file; without a format option, its extension decides (.svg, .png, .dot, .mmd)',
      completes: 'file',
    },
  ],
  examples: [
    'taskchain draw model > model.mmd',
    'taskchain draw model --dot | dot -Tsvg > model.svg',
    'taskchain draw model -o model.svg',
    'taskchain draw model --group rating_model --neighbours -o rating.png',
  ],
  load: async () => (await import('../commands/draw.js')).draw,
}

export const why: CommandDescription = {
  name: 'why',
  about: 'explain why a task is cached or to run: values that differ from the nearest result, with file and line',
  operands: [config, task],
  options: [],
  examples: [
    'taskchain why movies filtered',
    'taskchain why model test_metrics --set min_votes=500',
    'taskchain why movies filtered --json | jq .causes',
  ],
  load: async () => (await import('../commands/why.js')).whyCommand,
}

export const diff: CommandDescription = {
  name: 'diff',
  about: 'compare two configs, or a config with a git revision of it: params, tasks, what must be computed, metrics',
  operands: [
    { syntax: '<config>', about: 'a config; `config@revision` is the config at a git revision', completes: 'config' },
    { syntax: '[other]', about: 'the newer config; default: the same config as it is now', completes: 'config' },
  ],
  options: [],
  examples: [
    'taskchain diff model/baseline model/ridge',
    'taskchain diff movies@HEAD',
    'taskchain diff movies@v1.0 movies@main --json',
  ],
  load: async () => (await import('../commands/diff.js')).diff,
}

export const bless: CommandDescription = {
  name: 'bless',
  about: 'accept results that were computed by older code, until the code changes again',
  operands: [config, { syntax: '[task...]', about: 'tasks to accept; default: all', completes: 'task' }],
  options: [{ flags: '--dry-run', about: 'only list what would be accepted' }],
  examples: ['taskchain bless movies --dry-run', 'taskchain bless movies filtered', 'taskchain bless movies'],
  load: async () => (await import('../commands/bless.js')).bless,
}

export const sweep: CommandDescription = {
  name: 'sweep',
  about: 'run a config with all combinations of some values, as one plan, and print a table of the results',
  operands: [
    config,
    {
      syntax: '[task...]',
      about: 'tasks to compute in addition to the metrics; default: all whose results are kept',
      completes: 'task',
    },
  ],
  options: [
    {
      flags: '--range <name=from..to>',
      about: 'a range of numbers: from..to, from..to:step or from..to:*factor (repeatable)',
      repeatable: true,
    },
    { flags: '--sweep <file>', about: 'a YAML file with set, range, zip and metrics', completes: 'file' },
    { flags: '--zip', about: 'pair all first values, all second values, and so on; default: all combinations' },
    {
      flags: '--metrics <task>',
      about: 'a task whose value becomes columns of the table (repeatable)',
      repeatable: true,
      completes: 'task',
    },
    { flags: '--only-metrics', about: 'compute only the metrics and their dependencies' },
    {
      flags: '--sort <column>',
      about: 'column to sort by, -column for descending order; default: the swept values',
    },
    { flags: '--csv', about: 'print the table as CSV' },
    { flags: '--dry-run', about: 'only list what would be computed' },
    { flags: '--verbose', about: 'also report each result that is loaded' },
    { flags: '--concurrency <n>', about: 'how many tasks run at once; default: number of processors', whole: 'number' },
    {
      flags: '--executor <name>',
      about:
        'where tasks run: in this process (local), each on a thread (workers), each in a process of its own ' +
        '(processes), or on the machines where `taskchain worker` runs (bullmq)',
      choices: ['local', 'workers', 'processes', 'bullmq'],
    },
    ...queueOptions,
    { flags: '--fail-fast', about: 'stop at the first failure; default: finish everything that does not depend on it' },
    { flags: '--no-adopt', about: noAdopt },
    { flags: '--yes', about: 'allow more than 1000 combinations' },
  ],
  examples: [
    'taskchain sweep model --set min_votes=100,500 --set model.kwargs.l2=0.1,1,10 --metrics test_metrics --dry-run',
    'taskchain sweep model --range seed=1..10 --metrics test_metrics --sort rmse',
    'taskchain sweep model --sweep sweeps/ridge.yaml --csv > ridge.csv',
  ],
  load: async () => (await import('../commands/sweep.js')).sweep,
}
