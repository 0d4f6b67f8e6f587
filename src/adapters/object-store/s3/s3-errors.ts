import { messageOf } from '../../../base/thrown.js'
import { fieldOf } from '../../../base/records.js'

/** Explanation of a service's error; credentials are never repeated. */
export interface Refusal {
  readonly problem: string
  readonly hint?: string
}

const credentials = 'they come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the machine’s role'

/** By the name that the service or its client gives an error. */
const byName = (bucket: string): Readonly<Record<string, Refusal>> => ({
  NoSuchBucket: { problem: `there is no bucket '${bucket}'`, hint: 'create it, or check name, region and endpoint' },
  PermanentRedirect: { problem: `the bucket '${bucket}' is in another region`, hint: 'set AWS_REGION to its region' },
  AccessDenied: { problem: 'access is denied: these credentials may not do this here', hint: credentials },
  InvalidAccessKeyId: { problem: 'the access key is not known there', hint: credentials },
  SignatureDoesNotMatch: { problem: 'the secret key is wrong', hint: credentials },
  ExpiredToken: { problem: 'the credentials have expired', hint: 'get new ones, and run again' },
  ExpiredTokenException: { problem: 'the credentials have expired', hint: 'get new ones, and run again' },
  TokenRefreshRequired: { problem: 'the credentials have expired', hint: 'get new ones, and run again' },
  RequestTimeTooSkewed: {
    problem: 'the clock of this machine is wrong by more than the service allows',
    hint: 'set it',
  },
  CredentialsProviderError: { problem: 'no credentials were found', hint: credentials },
  QuotaExceeded: { problem: 'the quota there is used up' },
  EntityTooLarge: { problem: 'the service takes no object as large as this' },
  NotImplemented: {
    problem: 'the service lacks something that this store needs',
    hint: 'it needs ListObjectsV2, multipart uploads, and PUT with If-None-Match',
  },
  NotFound: { problem: 'what answers at the endpoint does not know S3', hint: 'check AWS_ENDPOINT_URL_S3' },
  SlowDown: { problem: 'the service keeps asking to slow down', hint: 'try again later' },
  ServiceUnavailable: { problem: 'the service is not available', hint: 'try again later' },
  InternalError: { problem: 'the service has failed inside', hint: 'try again later' },
  TimeoutError: { problem: 'the service does not answer', hint: 'check the endpoint and the network' },
})

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody answers at the endpoint',
  ENOTFOUND: 'the host of the endpoint is not known',
  EAI_AGAIN: 'the host of the endpoint cannot be looked up',
  ECONNRESET: 'the connection keeps breaking off',
  EPIPE: 'the connection keeps breaking off',
  ETIMEDOUT: 'the service does not answer',
}

/** Explains any error of a call. */
export const refusalOf = (error: unknown, bucket: string): Refusal => {
  const name = String(fieldOf(error, 'name'))
  const refusals = byName(bucket)
  const known = Object.hasOwn(refusals, name) ? refusals[name] : undefined
  if (known !== undefined) return known
  const code = String(fieldOf(error, 'code'))
  if (Object.hasOwn(byCode, code))
    return { problem: byCode[code] ?? code, hint: 'check the endpoint (AWS_ENDPOINT_URL_S3) and the network' }
  if (messageOf(error) === 'Region is missing') return { problem: 'no region is set', hint: 'set AWS_REGION' }
  const status = fieldOf(fieldOf(error, '$metadata'), 'httpStatusCode')
  if (status === 503 || status === 429) return refusals['SlowDown'] ?? { problem: 'slow down' }
  if (status === 403) return refusals['AccessDenied'] ?? { problem: 'access denied' }
  const text = messageOf(error)
  const number = typeof status === 'number' ? ` (${status})` : ''
  return {
    problem: `the service answered ${name}${number}${text === 'UnknownError' || text === name ? '' : `: ${text}`}`,
  }
}

/** Whether the same call may succeed a moment later; the client itself has retried it by then. */
export const isPassing = (error: unknown): boolean => {
  const status = fieldOf(fieldOf(error, '$metadata'), 'httpStatusCode')
  const code = String(fieldOf(error, 'code'))
  return (
    status === 503 ||
    status === 500 ||
    status === 429 ||
    ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE'].includes(code) ||
    fieldOf(error, 'name') === 'TimeoutError' ||
    messageOf(error) === 'aborted'
  )
}
