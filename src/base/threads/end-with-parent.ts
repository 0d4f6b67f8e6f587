/** Code of a thread that ends its process when its parent is gone, even if the main thread is blocked. */
export const endWithParent = (parent: number): string =>
  `setInterval(() => { if (process.ppid !== ${parent}) process.kill(process.pid, 'SIGKILL') }, 1000)`
