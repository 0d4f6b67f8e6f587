/** Bytes that answer a question, with status and type. */
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
