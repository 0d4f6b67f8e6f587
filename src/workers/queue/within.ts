import type { RedisConnection } from './libraries.js'

/** Milliseconds to wait for a server when closing; hardly any if it does not answer. */
export const goodbye = ({ status }: RedisConnection): number => (status === 'ready' ? 2000 : 50)

/** Resolves when work has ended, successfully or not, or after a timeout: a server that is down never answers. */
export const within = async (milliseconds: number, work: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  try {
    await Promise.race([work.catch(() => undefined), over])
  } finally {
    clearTimeout(timer)
  }
}
