/**
 * The environment of measured processes: without additional certificates, which Node 20 reads at each start. That takes
 * longer than its own start, and flatters every ratio of one process to another.
 */
export const childEnvironment: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name !== 'NODE_EXTRA_CA_CERTS'),
)
