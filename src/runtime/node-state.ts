/** What is known of a node before it runs (SPEC 13). */
export type NodeState = 'cached' | 'to_run' | 'in_memory' | 'unfinished' | 'waiting'
