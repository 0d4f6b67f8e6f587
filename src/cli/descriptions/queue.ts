import type { CommandDescription, OptionDescription } from '../command-description.js'

const redis: OptionDescription = {
  flags: '--redis <url>',
  about: 'the server of the queue, as redis://host:6379 (rediss:// for TLS); default: TASKCHAIN_REDIS',
}

/** What `--executor bullmq` wants to know. */
export const queueOptions: readonly OptionDescription[] = [
  redis,
  { flags: '--queue <name>', about: 'the queue that tasks are put into; default: default' },
]

export const worker: CommandDescription = {
  name: 'worker',
  about: 'take tasks from a queue and compute them, each in a process of its own, until it is stopped',
  operands: [],
  options: [
    redis,
    { flags: '--queue <name>', about: 'a queue to take tasks from (repeatable); default: default', repeatable: true },
    { flags: '--concurrency <n>', about: 'tasks at once; default: number of processors', whole: 'number' },
    { flags: '--memory <megabytes>', about: 'heap that one task may use', whole: 'number' },
  ],
  examples: [
    'taskchain worker --redis redis://queue.local:6379 --store /mnt/team/tasks',
    'taskchain worker --redis redis://queue.local:6379 --queue gpu --concurrency 1',
    'taskchain run model --executor bullmq --redis redis://queue.local:6379 --store /mnt/team/tasks',
  ],
  load: async () => (await import('../commands/queue/worker.js')).worker,
}
