// What the command line says of a Redis that cannot be used.
import { expect, test } from 'vitest'
import { redisProblem } from '../../../src/workers/queue/redis.js'

test.each([
  ['connect ECONNREFUSED 127.0.0.1:6379', /^nobody answers there: .* \(connect ECONNREFUSED/],
  ['Connection is closed.', /^it ended the connection while it was being opened: .* \(Connection is closed\.\)$/],
  ['WRONGPASS invalid username-password pair', /^it wants another password: /],
  ['something new', /^something new$/],
])('%s comes with what to do', (said, expected) => {
  expect(redisProblem(new Error(said))).toMatch(expected)
})
