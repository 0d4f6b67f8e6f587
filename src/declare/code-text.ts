import { tagOf } from '../base/records.js'

/** A string that counts as code, such as the arguments of a program: changing it is a code change. */
export interface CodeText {
  readonly _tag: 'CodeText'
  readonly text: string
}

export const codeText = (text: string): CodeText => ({ _tag: 'CodeText', text })

export const isCodeText = (value: object): value is CodeText => tagOf(value) === 'CodeText'
