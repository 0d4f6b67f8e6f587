import * as t from 'io-ts'
import { defineProject } from '../declare/project.js'
import { file } from '../declare/file-param.js'
import { param } from '../declare/param.js'
import { defineTask } from '../declare/task.js'
import { schemaOf } from '../plan/inspect/config-schema.js'

/**
 * The schema of the project that `init` writes: `taskchain schema` gives the same there, but that needs what is
 * installed later.
 */
export const initSchema = (): string => {
  const allWords = defineTask({
    params: { sourceFile: param(file, { doc: 'the text to count' }) },
    data: t.array(t.string),
  }).run(() => [])
  const counts = defineTask({
    inputs: { allWords },
    params: {
      minLength: param(t.number, { default: 1, doc: 'shorter words are left out' }),
      top: param(t.number, { default: 10, doc: 'how many words to list' }),
    },
    data: t.unknown,
  }).run(() => null)
  const project = defineProject({ pipelines: { words: { allWords, counts } }, globals: { TEXTS: '' } })
  return `${JSON.stringify(schemaOf(project), undefined, 2)}\n`
}
