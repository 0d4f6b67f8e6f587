import { coreValue } from '../config/read/core-value.js'
import { yamlLibrary } from '../config/read/yaml-library.js'
import { badOption } from '../explain.js'
import { messageOf } from '../base/thrown.js'

/**
 * Parses `--set name=value`, with values read as in a config; later ones win.
 *
 * @example
 * setValues(['min_votes=500', 'model.kwargs.l2=0.1']) // => { min_votes: 500, 'model.kwargs.l2': 0.1 }
 */
export const setValues = (given: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    given.map((text) => {
      const equals = text.indexOf('=')
      const name = text.slice(0, equals).trim()
      if (equals < 0 || name === '') throw failure(text, 'say name=value, as in --set min_votes=500')
      return [name, yamlValue(text, text.slice(equals + 1))] as const
    }),
  )

/** A value as YAML reads it; `option` is the text given to `--set`, for errors. Throws `TaskchainError`. */
export const yamlValue = (option: string, text: string): unknown => {
  const { parseDocument, visit } = yamlLibrary()
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: true,
    intAsBigInt: true,
    prettyErrors: false,
  })
  const [problem] = document.errors
  if (problem !== undefined) throw failure(option, `its value is not valid YAML: ${problem.message}`)
  visit(document, {
    Scalar: (_, node) => {
      const number = node.tag === floatTag && typeof node.value === 'string' ? coreValue(node.value) : undefined
      if (typeof number === 'number') node.value = number // the library recognises floats only with a point
      if (typeof node.value !== 'bigint') return
      const whole = Number(node.value)
      if (!Number.isSafeInteger(whole))
        throw failure(
          option,
          `${node.value} has more digits than a number can hold; ` +
            'put it in quotes and let the codec of the param read text',
        )
      node.value = whole
    },
  })
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    // an alias without an anchor, or too many aliases
    throw failure(option, `its value is not valid YAML: ${messageOf(cause)}`)
  }
}

const floatTag = 'tag:yaml.org,2002:float'

const failure = (option: string, problem: string): Error => badOption(`--set ${option}`, problem)
