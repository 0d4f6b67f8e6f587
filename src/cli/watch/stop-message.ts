import * as t from 'io-ts'

/** What a round of `run --watch` is told of a signal: which one, and how many there were so far. */
export const StopMessage = t.type({ stop: t.keyof({ SIGINT: null, SIGTERM: null, SIGHUP: null }), count: t.number })
