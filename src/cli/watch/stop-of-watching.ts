import { exitCodes, type ExitCode } from '../exit-codes.js'
import type { Round, RoundEnd } from './round.js'

export interface StopOfWatching {
  readonly signal: AbortSignal
  /** Undefined until a signal arrives. */
  code(): ExitCode | undefined
  /** Forwards signals to a round until it has ended. */
  during(started: Round): Promise<RoundEnd>
  release(): void
}

/**
 * How `--watch` ends: the first signal stops the current round cleanly, the second at once, as without `--watch`, and
 * the third kills it. Between rounds the first signal ends watching.
 */
export const stopOfWatching = (): StopOfWatching => {
  const controller = new AbortController()
  let code: ExitCode | undefined
  let count = 0
  let round: Round | undefined
  const handle = (signal: NodeJS.Signals): void => {
    count++
    code ??= signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated
    controller.abort()
    if (count > 2) round?.kill()
    else round?.stop(signal, count)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, handle)
  return {
    signal: controller.signal,
    code: () => code,
    during: async (started) => {
      round = started
      const end = await started.ended
      round = undefined
      return end
    },
    release: () => {
      for (const signal of signals) process.removeListener(signal, handle)
    },
  }
}
