import type { PlanError, PlanWarning } from '../errors.js'

/** What an error or a warning is about; errors of the same cause share it. */
export interface Subject {
  /** Its name in configs if the error knows it. */
  readonly param?: string
  /** Full name of the task concerned. */
  readonly task?: string
  readonly class?: string
  /** An argument of the class. */
  readonly argument?: string
  /** What is missing or unusable: a config, a task, a pattern, a file, a name. */
  readonly target?: string
}

/**
 * What an error or a warning is about, as fields.
 *
 * @example subjectOf({ _tag: 'UnknownTasks', pattern: 'moveis.*', … })   // { target: 'moveis.*' }
 */
export const subjectOf = (error: PlanError | PlanWarning): Subject => {
  switch (error._tag) {
    case 'MissingParam':
      return { param: error.nameInConfig, task: error.node }
    case 'InvalidParam':
    case 'UnencodableParam':
      return { param: error.param, task: error.node }
    case 'MissingVariable':
      return { param: error.param, task: error.node, target: error.variable }
    case 'FileUnreadable':
      return { param: error.param, task: error.node, target: error.path }
    case 'UnknownClass':
      return { param: error.param, task: error.node, class: error.className }
    case 'WrongClassArguments':
      return {
        param: error.param,
        task: error.node,
        ...(error.className === undefined ? {} : { class: error.className }),
        ...(error.argument === undefined ? {} : { argument: error.argument }),
      }
    case 'PlainClass':
      return { param: error.param, class: error.className }
    case 'SpelledArgument':
      return { class: error.className, argument: error.written }
    case 'MissingInput':
    case 'AmbiguousInput':
      return { task: error.node, target: error.wanted }
    case 'InputNotExported':
    case 'PathOfMemory':
      return { task: error.node, target: error.role }
    case 'NoMatch':
      return { task: error.node, target: error.pattern }
    case 'InvalidDeclaration':
      return { task: error.task, target: error.problem }
    case 'DuplicateTask':
      return { task: error.node }
    case 'UnusedValue':
    case 'UnusedContextValue':
    case 'UnreadValue':
    case 'IgnoredBesideParts':
      return { param: error.name }
    default: {
      const target = targetOf(error)
      return target === undefined ? {} : { target }
    }
  }
}

type Rest = Exclude<
  PlanError | PlanWarning,
  { readonly node: string } | { readonly className: string } | { readonly _tag: Named }
>
type Named = 'InvalidDeclaration' | 'UnusedValue' | 'UnusedContextValue' | 'UnreadValue' | 'IgnoredBesideParts'

const targetOf = (error: Rest): string | undefined => {
  switch (error._tag) {
    case 'ConfigNotFound':
    case 'ConfigUnreadable':
      return error.origin
    case 'UnknownPart':
      return `${error.origin}#${error.part}`
    case 'UsesCycle':
      return [...new Set(error.path)].sort().join(' ')
    case 'TaskCycle':
      return [...new Set(error.path)].sort().join(' ')
    case 'DuplicateKey':
    case 'BadStructure':
    case 'ContextStructure':
      return error.key
    case 'NumberTooLarge':
    case 'OldYaml':
      return error.text
    case 'TooLarge':
      return error.what
    case 'UnsafeName':
    case 'InvalidGlobal':
    case 'NameClash':
      return error.name
    case 'SameTaskTwice':
    case 'SimilarNames':
      return error.names.join(' ')
    case 'UnknownPath':
      return error.path
    case 'UnknownTasks':
      return error.pattern
    case 'UnknownNamespace':
      return error.namespace
    case 'NearPlaceholder':
      return error.placeholder
    case 'YamlSyntax':
    case 'YamlWarning':
      return error.reason
    case 'NoMainPart':
    case 'SeveralMainParts':
    case 'NothingToPlan':
      return undefined
  }
}

/**
 * A key that errors of the same cause share: the code with the param or the target, the class and its argument, but not
 * the task or place where it occurs.
 */
export const causeOf = (error: PlanError | PlanWarning): string => {
  const { param, task, class: className, argument, target } = subjectOf(error)
  const what = className === undefined ? (target ?? param ?? task) : undefined
  const part =
    error._tag === 'MissingParam'
      ? error.emptyValue
      : error._tag === 'InvalidParam'
        ? error.path.replace(/\/\d+(?=\/|$)/g, '/*')
        : undefined
  return JSON.stringify([error._tag, what, part, className, argument])
}
