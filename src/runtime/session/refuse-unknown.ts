import type { UsageError } from '../../errors.js'
import { taskchainError } from '../../explain.js'
import { quoted } from '../../explain/words.js'
import { isList, isRecord } from '../../base/records.js'
import { nearest } from '../../base/suggest.js'
import { show } from '../../declare/codec/codec.js'

/** Options named as in another interface, with their equivalent here. */
const elsewhere: Readonly<Record<string, string>> = {
  part: "a part is named with its file: config: 'model#part'",
  namespace: "a config gets a namespace where it is used: config: { uses: 'model as train' }",
  name: 'a chain has the name of its config; in openChains each may be named: { config, name }',
}

/**
 * Throws a `TaskchainError` for unknown options, or for what is no object: a compiler overlooks them in a variable, and
 * in JavaScript.
 */
export const refuseUnknown = (options: object, known: Readonly<Record<string, unknown>>, where: string): void => {
  if (!isRecord(options)) {
    // entries of a list may have secrets
    const given = typeof options === 'string' ? quoted(options) : isList(options) ? 'a list' : show(options)
    throw taskchainError([
      { _tag: 'BadOption', option: where, problem: `options are an object such as { config: 'model' }, not ${given}` },
    ])
  }
  const errors = Object.entries<unknown>({ ...options }).flatMap(([name, value]): readonly UsageError[] => {
    if (Object.hasOwn(known, name) || value === undefined) return []
    const near = nearest(name, Object.keys(known), 3).map((one) => `'${one}'`)
    const hint =
      elsewhere[name] ??
      (near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are: ${Object.keys(known).join(', ')}`)
    return [{ _tag: 'BadOption', option: `${where} with '${name}'`, problem: `there is no such option; ${hint}` }]
  })
  const [first, ...others] = errors
  if (first !== undefined) throw taskchainError([first, ...others])
}
