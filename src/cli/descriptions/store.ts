import type { CommandDescription } from '../command-description.js'

/** Commands about what is stored. */

const between = {
  usage: '[config...] <store>',
  operands: [
    {
      syntax: '<word...>',
      about: 'configs, whose results go (default: all of the store), and last the other store: a folder',
      completes: 'config',
    },
  ],
  options: [
    { flags: '--concurrency <n>', about: 'artifacts copied at once; default 8', whole: 'number' },
    { flags: '--compare', about: 'compare the data of what both stores have, and report where it differs' },
  ],
} as const

export const push: CommandDescription = {
  name: 'push',
  about: 'copy results into another store, where it lacks them; checked, and resumed where it was interrupted',
  ...between,
  examples: ['taskchain push /mnt/team/tasks', 'taskchain push configs/movies.yaml /mnt/team/tasks'],
  load: async () => (await import('../commands/stores/push.js')).push,
}

export const pull: CommandDescription = {
  name: 'pull',
  about: 'copy results out of another store, where this one lacks them; checked, and resumed where it was interrupted',
  ...between,
  examples: ['taskchain pull /mnt/team/tasks', 'taskchain pull configs/movies.yaml /mnt/team/tasks --json'],
  load: async () => (await import('../commands/stores/push.js')).pull,
}

export const gc: CommandDescription = {
  name: 'gc',
  about:
    'list what no config of the project reaches, with bytes, age and time to recompute; --yes moves it to the trash',
  operands: [],
  options: [
    { flags: '--dry-run', about: 'only look (default)' },
    { flags: '--yes', about: "move what is unreachable to the store's trash" },
    { flags: '--items', about: 'with --yes also move the items of tasks that no config reaches: they were paid for' },
    {
      flags: '--max-bytes <size>',
      about: 'let unreachable artifacts stay while the store is no larger, as in 10GB; the cheap to recompute go first',
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
        'keep a key, a task, or what `run CONFIG …` or `sweep CONFIG …` plans; ' +
        'besides the file taskchain.pins (repeatable)',
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
  load: async () => (await import('../commands/gc.js')).gc,
}

export const items: CommandDescription = {
  name: 'items',
  about: 'list what is kept of the items of tasks, with what it has cost; --remove forgets it',
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
      about: 'of the tasks named only these items',
      choices: ['kept', 'failed', 'refused', 'batch'],
    },
    { flags: '--key <key>', about: 'of the tasks named only the items whose keys begin so' },
    { flags: '--remove', about: 'forget the items of the tasks named, or those of --key; with --yes' },
    { flags: '--yes', about: 'do it' },
  ],
  examples: [
    'taskchain items',
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
    'read all that is stored and compare it with its checksums; ' +
    'what is damaged is set aside and computed again at the next ask',
  operands: [],
  options: [
    { flags: '--dry-run', about: 'set nothing aside' },
    { flags: '--concurrency <n>', about: 'artifacts read at once; default 4', whole: 'number' },
  ],
  examples: ['taskchain verify', 'taskchain verify --dry-run --json'],
  load: async () => (await import('../commands/verify.js')).verify,
}

export const runs: CommandDescription = {
  name: 'runs',
  about: 'the history: what ran in this store and what came of it; compare two runs, pin one against gc',
  usage: '[list | show ID | diff A B | metrics METRIC [CONFIG] | pin ID... | unpin ID... | prune]',
  operands: [
    {
      syntax: '[action]',
      about: 'list (default), show, diff, metrics, pin, unpin or prune',
      choices: ['list', 'show', 'diff', 'metrics', 'pin', 'unpin', 'prune'],
    },
    { syntax: '[id...]', about: 'an id, its beginning, or last, last~1, …' },
  ],
  options: [
    { flags: '--limit <n>', about: 'runs listed, the latest first; default 20', whole: 'number' },
    { flags: '--older <days>', about: 'prune: runs that started longer ago, as in 90d' },
    { flags: '--keep <n>', about: 'prune: but so many of the latest', whole: 'number' },
    { flags: '--yes', about: 'prune: do it; default: only say which' },
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
