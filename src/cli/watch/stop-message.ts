import * as t from 'io-ts'

/** The message that forwards a signal to a round of `run --watch`: which signal, and how many there were so far. */
export const StopMessage = t.type({ stop: t.keyof({ SIGINT: null, SIGTERM: null, SIGHUP: null }), count: t.number })
