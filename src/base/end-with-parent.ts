/** Code of a thread that ends its process when its parent has gone, also where the main thread never comes to look. */
export const endWithParent = (parent: number): string =>
  `setInterval(() => { if (process.ppid !== ${parent}) process.kill(process.pid, 'SIGKILL') }, 1000)`
