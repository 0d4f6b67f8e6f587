import { dottedForm, taskGlob } from '../plan/names/task-pattern.js'
import { inPattern } from '../plan/inspect/schema-of-codec.js'
import type { ExportedAt, ProjectFacts } from './facts.js'
import type { Subject } from './hover.js'

/** A declaration to look for in a module's text. */
export interface Wanted {
  readonly file: string
  readonly of: 'task' | 'class'
  /** The name of the export or of the class. */
  readonly name: string
  /** A param of the task or an argument of the class. */
  readonly inside: string | undefined
}

/** Declarations that a place in a config refers to; of the candidates in each list, the first that exists wins. */
export const wantedOf = (subject: Subject, facts: ProjectFacts): readonly (readonly Wanted[])[] => {
  const inTasks = (exported: readonly ExportedAt[], inside?: string): readonly Wanted[] =>
    exported.map(({ file, name }) => ({ file, of: 'task', name, inside }))
  switch (subject.of) {
    case 'uses':
      return []
    case 'tasks': {
      const { matches } = taskGlob(subject.pattern)
      return facts.tasks
        .filter(({ name }) => matches(dottedForm(name)))
        .slice(0, 100)
        .map(({ exported }) => inTasks(exported))
    }
    case 'param': {
      const readers = facts.params.find(({ name }) => name === subject.name)?.readers ?? []
      return readers.slice(0, 100).map(({ task, param }) => {
        const found = facts.tasks.find(({ name }) => name === task)
        return inTasks(found?.exported ?? [], param)
      })
    }
    case 'class': {
      const found = facts.classes.find(({ name }) => name === subject.name)
      if (found === undefined) return []
      const argument = found.arguments.find(({ name, declared }) =>
        [name, declared].includes(subject.argument ?? ''),
      )?.declared
      return [facts.modules.map((file): Wanted => ({ file, of: 'class', name: found.name, inside: argument }))]
    }
  }
}

/** A 0-based place in a module. */
export interface Declared {
  readonly line: number
  readonly character: number
  readonly length: number
}

/**
 * Where a module's text declares a task, a class, or a param of one; undefined if it does not. Searches the text for
 * the usual way to write declarations; those built by other functions are found by their export.
 */
export const declarationIn = (text: string, { of, name, inside }: Omit<Wanted, 'file'>): Declared | undefined => {
  const start = of === 'task' ? exportIn(text, name) : classIn(text, name)
  if (start === undefined) return undefined
  const after = text.slice(start.at + start.length)
  const next = /^(?:export|const|function|class)\b/m.exec(after.slice(1))
  const body = next === null ? after : after.slice(0, next.index + 1)
  const param = inside === undefined ? undefined : paramIn(body, inside)
  const at = param === undefined ? start.at : start.at + start.length + param
  const lines = text.slice(0, at).split('\n')
  return {
    line: lines.length - 1,
    character: lines.at(-1)?.length ?? 0,
    length: param === undefined ? start.length : (inside?.length ?? 0),
  }
}

interface At {
  readonly at: number
  readonly length: number
}

const exportIn = (text: string, name: string): At | undefined => {
  const word = inPattern(name)
  const patterns = [
    `^(export\\s+(?:const|let|var)\\s+)${word}\\b`,
    `^((?:const|let|var)\\s+)${word}\\b`,
    `^(exports\\.)${word}\\b`,
    `(\\bas\\s+)${word}\\b(?=[\\s,}])`,
  ]
  for (const pattern of patterns) {
    const found = new RegExp(pattern, 'm').exec(text)
    if (found !== null) return { at: found.index + (found[1]?.length ?? 0), length: name.length }
  }
  return undefined
}

const classIn = (text: string, name: string): At | undefined => {
  const found = new RegExp(`(\\bdefineObject\\s*(?:<[^>]*>)?\\(\\s*['"\`])${inPattern(name)}['"\`]`).exec(text)
  return found === null ? undefined : { at: found.index + (found[1]?.length ?? 0), length: name.length }
}

const paramIn = (body: string, name: string): number | undefined => {
  const found = new RegExp(`(^|[\\s{,])${inPattern(name)}\\s*[:,}]`).exec(body)
  return found === null ? undefined : found.index + (found[1]?.length ?? 0)
}
