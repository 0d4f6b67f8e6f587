/** Bytes of an answer, with status and media type. */
export interface Answered {
  readonly status: number
  readonly type: string
  readonly body: Uint8Array
}

export const json = (status: number, value: object): Answered => ({
  status,
  type: 'application/json; charset=utf-8',
  body: Buffer.from(JSON.stringify(value)),
})
