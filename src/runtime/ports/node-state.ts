/** What is known of a node before it runs. */
export type NodeState = 'cached' | 'to_run' | 'in_memory' | 'unfinished' | 'waiting'
