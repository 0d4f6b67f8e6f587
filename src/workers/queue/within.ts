import type { RedisConnection } from './libraries.js'

/** Milliseconds that a server gets to take in that something has ended; one that does not answer gets hardly any. */
export const goodbye = ({ status }: RedisConnection): number => (status === 'ready' ? 2000 : 50)

/** Resolves when work has ended, well or not, or when its time is over: a server that is down answers nothing. */
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
