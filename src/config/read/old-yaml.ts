import type { Place, PlanWarning } from '../../errors.js'
import { kindOf } from './located.js'

/** Texts that YAML 1.1, as implemented by PyYAML, reads differently from YAML 1.2. */

const oneOf = (...forms: readonly RegExp[]): RegExp =>
  new RegExp(`^(?:${forms.map(({ source }) => source).join('|')})$`)

const old = {
  bool: /^(?:yes|Yes|YES|on|On|ON|true|True|TRUE|(no|No|NO|off|Off|OFF|false|False|FALSE))$/,
  int: /^[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  float: oneOf(
    /[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?/,
    /\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?/,
    /[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*/,
    /[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)/,
  ),
  null: /^(?:null|Null|NULL)$/,
  time: oneOf(
    /\d{4}-\d\d-\d\d/,
    /\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?/,
  ),
} as const

const startsOld: ReadonlySet<number> = new Set(Array.from('yYnNoO', (letter) => letter.charCodeAt(0)))

/**
 * Describes how YAML 1.1 reads an unquoted text if that differs from its value in YAML 1.2; else undefined.
 *
 * @example formerly('yes', 'yes')   // 'true'
 * @example formerly('010', 10)      // 'the number 8'
 */
export const formerly = (text: string, value: unknown): string | undefined => {
  const first = text.charCodeAt(0)
  const looksOld = (first >= 43 && first <= 57) || startsOld.has(first) // + - . digits, and yes, no, on, off
  if (!looksOld || text.length > 60) return undefined
  const meant = oldValue(text)
  return Object.is(meant, value) || meant === value ? undefined : inWords(meant)
}

/** The warning about such a text; `value` is its value in YAML 1.2. */
export const oldYamlWarning = (text: string, value: unknown, place: Place): PlanWarning | undefined => {
  const meant = formerly(text, value)
  return meant === undefined
    ? undefined
    : {
        _tag: 'OldYaml',
        place,
        text,
        readAs: typeof value === 'string' ? 'text' : kindOf(value as boolean | number | null),
        formerly: meant,
      }
}

/** The warning about a key. Keys are always text here; `value` is what YAML 1.2 would read the same text as. */
export const oldKeyWarning = (text: string, value: unknown, place: Place): PlanWarning | undefined =>
  formerly(text, value) === undefined && !text.startsWith('0x') ? undefined : oldYamlWarning(text, text, place)

type Old = string | number | boolean | null
interface OldDate {
  readonly date: true
}

const oldValue = (text: string): Old | OldDate => {
  const bool = old.bool.exec(text)
  if (bool !== null) return bool[1] === undefined
  if (old.null.test(text)) return null
  if (old.int.test(text)) return oldInt(text.replaceAll('_', ''))
  if (old.float.test(text)) return oldFloat(text.replaceAll('_', '').toLowerCase())
  return old.time.test(text) ? { date: true } : text
}

const oldInt = (text: string): number => {
  const sign = text.startsWith('-') ? -1 : 1
  const digits = text.replace(/^[-+]/, '')
  if (digits === '0') return 0
  if (digits.startsWith('0b')) return sign * Number.parseInt(digits.slice(2), 2)
  if (digits.startsWith('0x')) return sign * Number.parseInt(digits.slice(2), 16)
  if (digits.startsWith('0')) return sign * Number.parseInt(digits, 8)
  return sign * inSixties(digits)
}

const oldFloat = (text: string): number => {
  const sign = text.startsWith('-') ? -1 : 1
  const digits = text.replace(/^[-+]/, '')
  return digits === '.inf' ? sign * Infinity : digits === '.nan' ? NaN : sign * inSixties(digits)
}

/** `1:30` is ninety. */
const inSixties = (digits: string): number => digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)

const inWords = (value: Old | OldDate): string => {
  if (typeof value === 'object' && value !== null) return 'a date'
  return typeof value === 'string' ? 'text' : kindOf(value)
}
