import type { RateLimit } from '../../declare/items.js'

/**
 * When the next call may start, as a state machine over an injected clock that only grows: a call starts once the
 * calls before it are paid off, so that calls are evenly spaced and no minute exceeds the limit (a generic cell rate
 * algorithm without bursts, ITU-T I.371).
 */
export interface RateState {
  /** When the requests started so far are paid off, in milliseconds. */
  readonly requests: number
  readonly tokens: number
}

export const atRest: RateState = { requests: -Infinity, tokens: -Infinity }

/** Admits a call: when it starts, and the state after it. */
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

/** Nothing starts before `at`, as requested by a response. */
export const notBefore = (state: RateState, at: number): RateState => ({
  ...state,
  requests: Math.max(state.requests, at),
})

/** Replaces the estimated tokens of a call with those it really used. */
export const corrected = (state: RateState, { tokens }: RateLimit, reserved: number, used: number): RateState => ({
  ...state,
  tokens: tokens === undefined ? state.tokens : state.tokens + ((used - reserved) * 60_000) / tokens,
})
