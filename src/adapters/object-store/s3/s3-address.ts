/** Address of a store: `s3://bucket/prefix`, with `?endpoint=…&region=…` if the environment does not set them. */
export interface S3Address {
  readonly bucket: string
  /** Ends with a slash unless it is empty. */
  readonly prefix: string
  readonly endpoint: string | undefined
  readonly region: string | undefined
}

export const isS3Address = (name: string): boolean => name.startsWith('s3://')

/**
 * Parses the address of a store; a string describes what is wrong with it. It must not contain credentials.
 *
 * @example
 * s3AddressIn('s3://team/tasks') // => { bucket: 'team', prefix: 'tasks/', endpoint: undefined, region: undefined }
 */
export const s3AddressIn = (name: string): S3Address | string => {
  const [, bucket = '', path = '', query = ''] = /^s3:\/\/([^/?#]*)\/?([^?#]*)(?:\?(.*))?$/.exec(name) ?? []
  if (bucket.includes('@')) return 'credentials have no place in it; the environment or a profile has them'
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    return 'say s3://bucket/prefix; a bucket has 3 to 63 small letters, digits, dots and hyphens'
  const segments = path.split('/').filter((segment) => segment !== '')
  const wrong = segments.find((segment) => !/^[A-Za-z0-9_.=-]+$/.test(segment) || segment === '.' || segment === '..')
  if (wrong !== undefined) return `'${wrong}' cannot be part of a prefix: letters, digits, '_', '-', '=' and dots can`
  const options = new URLSearchParams(query)
  const unknown = [...options.keys()].find((one) => one !== 'endpoint' && one !== 'region')
  if (unknown !== undefined) return `'${unknown}' is not known; 'endpoint' and 'region' are`
  const endpoint = options.get('endpoint') ?? undefined
  if (endpoint !== undefined && !/^https?:\/\/[^/@\s]+\/?$/.test(endpoint))
    return 'the endpoint is not an http(s) address'
  return {
    bucket,
    prefix: segments.map((segment) => `${segment}/`).join(''),
    endpoint,
    region: options.get('region') ?? undefined,
  }
}
