import { isWatchedRound } from './watch/tell-watcher.js'
import { exitCodes } from './exit-codes.js'
import * as t from 'io-ts'

/** Which signal interrupted the work, if any. */
export interface Interruption {
  readonly signal: AbortSignal
  /** 130 or 143 after a signal. */
  code(): typeof exitCodes.interrupted | typeof exitCodes.terminated | undefined
  /** Restores Node's default handling of signals. */
  release(): void
}

/**
 * The first Ctrl-C (or SIGTERM, SIGHUP) aborts and lets the run stop cleanly; the second ends the process at once.
 * `stopping` is called at the first, `leaving` restores the terminal before the second.
 */
export const onInterruption = (stopping: (signal: string) => void, leaving: () => void): Interruption => {
  const controller = new AbortController()
  let code: ReturnType<Interruption['code']>
  let [ours, forwarded] = [0, 0]
  const handle = (signal: NodeJS.Signals): void => {
    if (++ours > forwarded) act(signal)
  }
  /** Signals forwarded by the `--watch` process that started this round; the terminal may have sent the same one. */
  const hear = (message: unknown): void => {
    if (!StopMessage.is(message) || message.count <= forwarded) return
    forwarded = message.count
    if (forwarded > ours) act(message.stop)
  }
  const orphaned = (): void => act('SIGHUP')
  const act = (signal: NodeJS.Signals): void => {
    const before = code
    code ??= signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated
    if (before !== undefined) {
      leaving()
      process.exit(before)
    }
    stopping(signal)
    controller.abort(new DOMException(`stopped by ${signal}`, 'AbortError'))
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, handle)
  if (isWatchedRound()) process.on('message', hear).once('disconnect', orphaned)
  return {
    signal: controller.signal,
    code: () => code,
    release: () => {
      for (const signal of signals) process.removeListener(signal, handle)
      process.removeListener('message', hear).removeListener('disconnect', orphaned)
    },
  }
}

/** The message that forwards a signal to a round of `run --watch`: which signal, and how many there were so far. */
const StopMessage = t.type({ stop: t.keyof({ SIGINT: null, SIGTERM: null, SIGHUP: null }), count: t.number })
