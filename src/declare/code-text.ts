import { tagOf } from '../base/records.js'

/** A text that stands for code, such as the arguments of a program: another text is other code. */
export interface CodeText {
  readonly _tag: 'CodeText'
  readonly text: string
}

export const codeText = (text: string): CodeText => ({ _tag: 'CodeText', text })

export const isCodeText = (value: object): value is CodeText => tagOf(value) === 'CodeText'
