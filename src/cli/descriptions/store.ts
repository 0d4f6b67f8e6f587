import type { CommandDescription } from '../command-description.js'

/** Commands about the store. */

const between = {
  usage: '[config...] <store>',
  operands: [
    {
      syntax: '<word...>',
      about: 'configs whose results are copied (default: everything in the store), and last the other store: a folder',
      completes: 'config',
    },
  ],
  options: [
    { flags: '--concurrency <n>', about: 'how many artifacts are copied at once; default 8', whole: 'number' },
    { flags: '--compare', about: 'compare the data of artifacts that both stores have, and report differences' },
  ],
} as const

export const push: CommandDescription = {
  name: 'push',
  about: 'copy results that another store lacks to it; data is verified, an interrupted copy is resumed',
  ...between,
  examples: ['taskchain push /mnt/team/tasks', 'taskchain push configs/movies.yaml /mnt/team/tasks'],
  load: async () => (await import('../commands/stores/push.js')).push,
}

export const pull: CommandDescription = {
  name: 'pull',
  about: 'copy results that this store lacks from another one; data is verified, an interrupted copy is resumed',
  ...between,
  examples: ['taskchain pull /mnt/team/tasks', 'taskchain pull configs/movies.yaml /mnt/team/tasks --json'],
  load: async () => (await import('../commands/stores/push.js')).pull,
}

export const gc: CommandDescription = {
  name: 'gc',
  about: 'list results that no config of the project reaches, with size, age and time to recompute; --yes trashes them',
  operands: [],
  options: [
    { flags: '--dry-run', about: 'only list them (default)' },
    { flags: '--yes', about: "move unreachable results to the store's trash" },
    { flags: '--items', about: 'with --yes also move the items of unreachable tasks, which may have cost money' },
    {
      flags: '--max-bytes <size>',
      about: 'keep unreachable results while the store is no larger than this (10GB); cheap ones go first',
    },
    { flags: '--max-age <days>', about: 'keep unreachable results that are no older' },
    {
      flags: '--revisions <rev>',
      about: 'also keep what the configs reach at this git revision (repeatable)',
      repeatable: true,
    },
    {
      flags: '--pin <pin>',
      about:
        'keep a key, a task, or what `run CONFIG …` or `sweep CONFIG …` plans, ' +
        'in addition to the file taskchain.pins (repeatable)',
      repeatable: true,
    },
    {
      flags: '--ignore-broken',
      about: 'continue if some configs cannot be planned; results that only they reach count as unreachable',
    },
    { flags: '--purge', about: 'instead delete what is in the trash or was set aside as damaged; with --yes' },
  ],
  examples: [
    'taskchain gc',
    'taskchain gc --context contexts/quick.yaml --revisions main --yes',
    'taskchain gc --max-bytes 50GB --yes',
    'taskchain gc --purge --yes',
  ],
  load: async () => (await import('../commands/gc.js')).gc,
}

export const items: CommandDescription = {
  name: 'items',
  about: 'list the stored items of tasks, with what they have cost; --remove forgets them',
  usage: '[task...]',
  operands: [
    {
      syntax: '[set...]',
      about: 'tasks, as group:name or group:name/items, or cached:name; default: all that have items',
    },
  ],
  options: [
    {
      flags: '--only <kind>',
      about: 'only items of this kind, of the named tasks; batch without a task: all batches under way',
      choices: ['kept', 'failed', 'refused', 'batch'],
    },
    { flags: '--key <key>', about: 'only items whose keys start with this, of the named tasks' },
    { flags: '--remove', about: 'forget the items of the named tasks, or those that --key selects; with --yes' },
    { flags: '--cancel <id>', about: "cancel a provider's batch, by its id or the start of its key; with --yes" },
    { flags: '--yes', about: 'carry out --remove or --cancel' },
  ],
  examples: [
    'taskchain items',
    'taskchain items --only batch',
    'taskchain items --cancel msgbatch_01H --yes',
    'taskchain items judge:scores --only failed',
    'taskchain items judge:scores --json | jq .items[].value',
    'taskchain items judge:scores --remove --yes',
    'taskchain items cached:answers --key 3f2a --remove --yes',
  ],
  load: async () => (await import('../commands/stores/items.js')).items,
}

export const verify: CommandDescription = {
  name: 'verify',
  about:
    'read everything that is stored and compare it with its checksums; ' +
    'damaged results are set aside, and recomputed when they are next requested',
  operands: [],
  options: [
    { flags: '--dry-run', about: 'only report; set nothing aside' },
    { flags: '--concurrency <n>', about: 'how many artifacts are read at once; default 4', whole: 'number' },
  ],
  examples: ['taskchain verify', 'taskchain verify --dry-run --json'],
  load: async () => (await import('../commands/verify.js')).verify,
}

export const runs: CommandDescription = {
  name: 'runs',
  about: 'list past runs in this store and their outcomes; compare two runs, or pin one to protect it from gc',
  usage: '[list | show ID | diff A B | metrics METRIC [CONFIG] | pin ID... | unpin ID... | prune]',
  operands: [
    {
      syntax: '[action]',
      about: 'list (default), show, diff, metrics, pin, unpin or prune',
      choices: ['list', 'show', 'diff', 'metrics', 'pin', 'unpin', 'prune'],
    },
    { syntax: '[id...]', about: 'a run id, a prefix of one, or last, last~1, …' },
  ],
  options: [
    { flags: '--limit <n>', about: 'number of runs to list, latest first; default 20', whole: 'number' },
    { flags: '--older <days>', about: 'prune: only runs that started longer ago than this, such as 90d' },
    { flags: '--keep <n>', about: 'prune: keep this many of the latest runs', whole: 'number' },
    { flags: '--yes', about: 'prune: delete the records; default: only list them' },
  ],
  examples: [
    'taskchain runs',
    'taskchain runs show last',
    'taskchain runs diff last~1 last',
    'taskchain runs pin last',
    'taskchain runs metrics test_metrics.rmse model',
    'taskchain runs prune --older 90d --keep 100 --yes',
    'taskchain runs --limit 1000 --json',
  ],
  load: async () => (await import('../history/runs.js')).runs,
}
