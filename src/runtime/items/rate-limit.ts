import type { RateLimit } from '../../declare/items.js'

/**
 * When the next call may begin, as a state machine over a clock that is given: a call begins when what was begun before
 * is paid off, so that calls are spaced evenly and no minute has more than its limit (a generic cell rate algorithm
 * without a burst, ITU-T I.371).
 */
export interface RateState {
  /** When the requests that were begun are paid off; milliseconds. */
  readonly requests: number
  readonly tokens: number
}

export const atRest: RateState = { requests: -Infinity, tokens: -Infinity }

/** Takes a call in: when it begins, and the state after it. */
export const reserve = (
  state: RateState,
  now: number,
  { requests, tokens }: RateLimit,
  tokensOfItem: number,
): { readonly at: number; readonly state: RateState } => {
  const at = Math.max(now, state.requests, state.tokens)
  return {
    at,
    state: {
      requests: requests === undefined ? state.requests : at + 60_000 / requests,
      tokens: tokens === undefined ? state.tokens : at + (tokensOfItem * 60_000) / tokens,
    },
  }
}

/** Nothing begins before then: an answer said so. */
export const notBefore = (state: RateState, at: number): RateState => ({
  ...state,
  requests: Math.max(state.requests, at),
})

/** What a call has really used takes the place of what it was taken to use. */
export const corrected = (state: RateState, { tokens }: RateLimit, reserved: number, used: number): RateState => ({
  ...state,
  tokens: tokens === undefined ? state.tokens : state.tokens + ((used - reserved) * 60_000) / tokens,
})
