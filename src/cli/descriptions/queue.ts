import type { CommandDescription, OptionDescription } from '../command-description.js'

const redis: OptionDescription = {
  flags: '--redis <url>',
  about: "URL of the queue's Redis server: redis://host:6379 (rediss:// for TLS); default: TASKCHAIN_REDIS",
}

/** Options of `--executor bullmq`. */
export const queueOptions: readonly OptionDescription[] = [
  redis,
  { flags: '--queue <name>', about: 'queue to put tasks into; default: default' },
]

export const worker: CommandDescription = {
  name: 'worker',
  about: 'compute tasks from a queue, each in a process of its own, until it is stopped',
  operands: [],
  options: [
    redis,
    { flags: '--queue <name>', about: 'queue to take tasks from (repeatable); default: default', repeatable: true },
    { flags: '--concurrency <n>', about: 'how many tasks run at once; default: number of processors', whole: 'number' },
    { flags: '--memory <megabytes>', about: 'maximum heap of one task', whole: 'number' },
  ],
  examples: [
    'taskchain worker --redis redis://queue.local:6379 --store /mnt/team/tasks',
    'taskchain worker --redis redis://queue.local:6379 --queue gpu --concurrency 1',
    'taskchain run model --executor bullmq --redis redis://queue.local:6379 --store /mnt/team/tasks',
  ],
  load: async () => (await import('../commands/queue/worker.js')).worker,
}
