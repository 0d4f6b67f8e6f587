import { config, task, type CommandDescription } from '../command-description.js'
import { queueOptions } from './queue.js'

/** Commands about one config: what it plans, computes, holds, and how it differs from others. */

export const plan: CommandDescription = {
  name: 'plan',
  about: 'show what a run would do: cached, to run, in memory, and how long it took before',
  operands: [config],
  options: [],
  examples: [
    'taskchain plan configs/movies.yaml',
    'taskchain plan movies --set min_votes=500',
    'taskchain plan movies --json | jq .nodes[].key',
  ],
  load: async () => (await import('../commands/plan.js')).planCommand,
}

const noAdopt = 'compute what was made from equal contents before; default: that result is taken over'

export const run: CommandDescription = {
  name: 'run',
  about: 'compute tasks and what they need; what is stored already is not computed again',
  operands: [config, { syntax: '[task...]', about: 'tasks to compute; default: all that are kept', completes: 'task' }],
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
    { flags: '--dry-run', about: 'compute nothing; show the plan of what is asked for, as `plan` does' },
    { flags: '--watch', about: 'run again whenever a config, a file of a param or code changes, until Ctrl-C' },
    { flags: '--quiet', about: 'only what goes wrong; with --json only the end' },
    { flags: '--verbose', about: 'say what is loaded, too' },
    { flags: '--show', about: 'afterwards show the values of the tasks named' },
    { flags: '--check-mutation', about: 'fail a task that changes a value it was given' },
    { flags: '--no-adopt', about: noAdopt },
    { flags: '--no-repair', about: 'an artifact that cannot be read is an error; default: it is computed again' },
    {
      flags: '--executor <name>',
      about:
        'where tasks run: in this process (local), each on a thread (workers), in a process of its own (processes), ' +
        'or wherever `taskchain worker` runs (bullmq)',
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
  about: 'a table of the tasks of a config: what is computed, when, how long it took, how big it is',
  operands: [config],
  options: [],
  examples: ['taskchain tasks movies', 'taskchain tasks movies --json'],
  load: async () => (await import('../commands/tasks.js')).tasks,
}

export const show: CommandDescription = {
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
  load: async () => (await import('../commands/show.js')).show,
}

export const exported: CommandDescription = {
  name: 'export',
  about: 'copy a stored result out of the store: a file, or a folder',
  operands: [config, task],
  options: [
    { flags: '-o, --output <file>', about: 'where to; all of it is there or nothing', completes: 'file' },
    { flags: '--force', about: 'replace what is there' },
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
  about: 'how a value was made: parameters, inputs, times, notes',
  operands: [config, task],
  options: [],
  examples: ['taskchain info movies filtered', 'taskchain info movies filtered --json | jq .info.time'],
  load: async () => (await import('../commands/info.js')).info,
}

export const log: CommandDescription = {
  name: 'log',
  about: 'what a task logged',
  operands: [config, task],
  options: [{ flags: '--failed', about: 'of the last run that failed' }],
  examples: ['taskchain log movies filtered', 'taskchain log movies filtered --failed'],
  load: async () => (await import('../commands/log.js')).log,
}

export const force: CommandDescription = {
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
  load: async () => (await import('../commands/force.js')).force,
}

export const link: CommandDescription = {
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
  load: async () => (await import('../commands/link.js')).link,
}

export const draw: CommandDescription = {
  name: 'draw',
  about: 'draw the chain: colour by group; no border: not kept, dashed: to compute, solid: computed',
  operands: [config],
  options: [
    {
      flags: '--group <group>',
      about: 'only the tasks of a group and of groups below it (repeatable)',
      repeatable: true,
    },
    { flags: '--neighbours', about: 'with --group: also what these read, and what reads them' },
    { flags: '--mermaid', about: 'Mermaid (default)' },
    { flags: '--dot', about: 'DOT, the language of Graphviz' },
    { flags: '--svg', about: 'a picture; needs the package @viz-js/viz' },
    { flags: '--png', about: 'a picture; needs the packages @viz-js/viz and @resvg/resvg-js' },
    {
      flags: '-o, --output <file>',
      about: 'where to; its ending (.svg, .png, .dot, .mmd) says what, where no option does',
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
  about: 'why a task is or is not computed again: the values that differ from the nearest result, with file and line',
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
  load: async () => (await import('../commands/diff.js')).diff,
}

export const bless: CommandDescription = {
  name: 'bless',
  about: 'accept results that were computed by older code, until the code changes again',
  operands: [config, { syntax: '[task...]', about: 'tasks to accept; default: all', completes: 'task' }],
  options: [{ flags: '--dry-run', about: 'only say what would be accepted' }],
  examples: ['taskchain bless movies --dry-run', 'taskchain bless movies filtered', 'taskchain bless movies'],
  load: async () => (await import('../commands/bless.js')).bless,
}

export const sweep: CommandDescription = {
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
    { flags: '--verbose', about: 'say what is loaded, too' },
    { flags: '--concurrency <n>', about: 'tasks at once; default: number of processors', whole: 'number' },
    {
      flags: '--executor <name>',
      about:
        'where tasks run: in this process (local), each on a thread (workers), in a process of its own (processes), ' +
        'or wherever `taskchain worker` runs (bullmq)',
      choices: ['local', 'workers', 'processes', 'bullmq'],
    },
    ...queueOptions,
    { flags: '--fail-fast', about: 'stop at the first failure; default: finish what does not depend on it' },
    { flags: '--no-adopt', about: noAdopt },
    { flags: '--yes', about: 'run more than 1000 combinations' },
  ],
  examples: [
    'taskchain sweep model --set min_votes=100,500 --set model.kwargs.l2=0.1,1,10 --metrics test_metrics --dry-run',
    'taskchain sweep model --range seed=1..10 --metrics test_metrics --sort rmse',
    'taskchain sweep model --sweep sweeps/ridge.yaml --csv > ridge.csv',
  ],
  load: async () => (await import('../commands/sweep.js')).sweep,
}
