import type { PlanWarning } from '../errors.js'
import { didYouMean, hints, listed, oneLine, quoted, type Sentences } from './words.js'

/** The sentence for each warning of planning. */
export const warnings: Sentences<PlanWarning> = {
  UnusedValue: (warning) => {
    if (warning.name === 'for_namespaces')
      return {
        place: warning.place,
        message: "'for_namespaces' does nothing in a config",
        hint: 'move it into a context',
      }
    return {
      place: warning.place,
      message: `no task of this config reads ${quoted(warning.name)}`,
      hint:
        hints(
          didYouMean(warning.near),
          warning.elsewhere.length === 0
            ? undefined
            : `read by ${listed(warning.elsewhere, 3)}, which another config brings`,
        ) ?? "remove it, or start its name with 'x-' to keep it",
    }
  },
  UnusedContextValue: (warning) => ({
    place: warning.place,
    message: `no task of this chain reads ${quoted(warning.name)} of the context`,
    hint: didYouMean(warning.near),
  }),
  UnknownNamespace: (warning) => ({
    place: warning.place,
    message: `no config has the namespace ${quoted(warning.namespace)}`,
    hint: didYouMean(warning.near) ?? 'names of namespaces are taken exactly, nested ones in full',
  }),
  NearPlaceholder: (warning) => ({
    place: warning.place,
    message: `${quoted(warning.placeholder)} is not a global of the project and stays as it is`,
    hint: didYouMean(warning.near),
  }),
  OldYaml: (warning) => ({
    place: warning.place,
    message:
      `${quoted(warning.text)} is read as ${warning.readAs} (YAML 1.2); ` +
      `YAML 1.1, and so Python, reads ${warning.formerly}`,
    hint: 'put it in quotes if it is text, else write it in a form that both read alike',
  }),
  YamlWarning: (warning) => ({ place: warning.place, message: oneLine(warning.reason) }),
  MissingVariable: (warning) => ({
    place: warning.place,
    message:
      `param ${quoted(warning.param)} of ${quoted(warning.node)}: ` +
      `the environment variable ${quoted(warning.variable)} is ${warning.empty ? 'empty' : 'not set'}`,
    hint: didYouMean(warning.near) ?? `set it before the command: ${oneLine(warning.variable)}=… taskchain …`,
  }),
  NoMatch: (warning) => ({
    place: warning.place,
    message:
      `input ${quoted(warning.role)} of ${quoted(warning.node)}: ` +
      `no task name matches the regular expression ${quoted(warning.pattern)}, so it is empty`,
    hint: regexHint(warning.pattern),
  }),
  SpelledArgument: (warning) => ({
    place: warning.place,
    message:
      `argument ${quoted(warning.written)} of ${quoted(warning.className)}` +
      ` is ${quoted(warning.expected)} in configs`,
  }),
  PlainClass: (warning) => ({
    place: warning.place,
    message:
      `class ${quoted(warning.className)} of param ${quoted(warning.param)}` +
      ' stays plain data: the codec of the param makes no objects here',
    hint: warning.registered
      ? 'declare the param with object(…)'
      : "if an object is meant, list the class under 'objects' of defineProject and declare the param with object(…)",
  }),
  IgnoredBesideParts: (warning) => ({
    place: warning.place,
    message: `${quoted(warning.name)} is next to 'configs' and is ignored`,
    hint: 'move it into one of the parts',
  }),
}

/** Patterns in `tasks` look similar to regular expressions but mean something else. */
const regexHint = (pattern: string): string | undefined =>
  /(?<![.\\\])])\*/.test(pattern)
    ? "it must match whole names, and '*' repeats the character before it; '.*' stands for any characters"
    : "it must match whole names, 'name' or 'group:name'"
