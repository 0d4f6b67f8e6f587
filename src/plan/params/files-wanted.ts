import { fileRequest } from '../../base/file-requests.js'
import { oncePer } from '../../base/once-per.js'
import type { ResolvedConfigs, ResolveOptions } from '../../config/config-types.js'
import { partsIn, type CodecParts } from '../../declare/codec/codec-parts.js'
import { whilePlanning } from '../../declare/object.js'
import { toParam } from '../../declare/param.js'
import type { Project } from '../../declare/project.js'
import { expandText } from '../../config/placeholders.js'
import { indexProject, type IndexedTask, type ProjectIndex } from '../names/project-index.js'
import { fileReading, type FileReading } from './param-files.js'
import { readParams } from './read-params.js'
import { broughtBy } from '../plan.js'
import { makeSelector } from '../names/select-tasks.js'
import { spellingOf } from '../names/spelling.js'

/**
 * Files whose content planning needs, as requests: paths with placeholders expanded, `data/` for a folder,
 * `glob:data/*.csv` for a pattern; sorted. Reads no files: the loader gathers their digests and passes them to
 * `planChain`. Immediately empty for projects without `file` params.
 *
 * @example
 * const resolved = resolveConfigs(documents, 'configs/movies.yaml', { project })
 * E.isRight(resolved) && filesWanted(project, resolved.right) // => []
 */
export const filesWanted = (
  project: Project,
  resolved: ResolvedConfigs,
  globals: ResolveOptions['globals'] = project.globals,
): readonly string[] => {
  const index = indexProject(project)
  const readers = readersOfFiles(index)
  if (readers.size === 0) return []
  const paths = new Set<string>()
  const files = listing(globals, paths)
  const reading = {
    objects: index.objects,
    placesOf: () => [],
    near: () => [],
    files,
    secretsMet: () => 0,
    environment: undefined,
    unsetTaken: () => [],
    warn: () => undefined,
    spelling: spellingOf([]),
  }
  const brought = broughtBy(resolved, makeSelector(index), [])
  whilePlanning(
    index.objects,
    () => {
      for (const { config, candidates } of brought)
        for (const { entry, id, place } of candidates) {
          const params = readers.get(entry)
          // planning itself reports errors
          if (params !== undefined) readParams(params, config, id, place, reading, [])
        }
    },
    { digestOf: files.digestOf, environment: undefined },
  )
  return [...paths].sort()
}

/** A reading without digests that records the requested files. */
const listing = (globals: ResolveOptions['globals'], paths: Set<string>): FileReading => {
  const files = fileReading(globals)
  return {
    ...files,
    digestOf: (written, kind = 'file') => {
      paths.add(fileRequest(kind, expandText(written, globals)))
      return files.digestOf(written, kind)
    },
  }
}

/** Whether any task of a project may have file params. */
export const namesFiles = (project: Project): boolean => readersOfFiles(indexProject(project)).size > 0

/** Tasks that may have file params, reduced to those params. */
const readersOfFiles = oncePer((index: ProjectIndex): ReadonlyMap<IndexedTask, IndexedTask> => {
  const found = new Map<IndexedTask, IndexedTask>()
  const holding = new Set(
    [...index.declared].filter(({ secret, codec }) => !secret && mayHoldFile(codec, index, new Set())),
  )
  if (holding.size === 0) return found
  for (const entry of index.entries.values()) {
    const params = entry.params.filter(({ declared }) => holding.has(declared))
    if (params.length > 0) found.set(entry, { ...entry, params })
  }
  return found
})

/** Codecs of io-ts without inner codecs. */
const leaves: ReadonlySet<string> = new Set(
  (
    'StringType NumberType BooleanType NullType UndefinedType VoidType BigIntType LiteralType KeyofType ' +
    'UnknownType AnyType AnyArrayType AnyDictionaryType NeverType'
  ).split(' '),
)

/** Codecs of io-ts that may read a file if an inner codec may. */
const composed: ReadonlySet<string> = new Set([
  'ArrayType',
  'ReadonlyArrayType',
  'ReadonlyType',
  'ExactType',
  'RefinementType',
  'RecursiveType',
  'UnionType',
  'IntersectionType',
  'TupleType',
  'InterfaceType',
  'PartialType',
  'DictionaryType',
])

/** Whether a codec may read a file. A custom codec may: `file.pipe(…)` does not expose its parts. */
const mayHoldFile = (codec: CodecParts, index: ProjectIndex, seen: Set<unknown>): boolean => {
  if (seen.has(codec)) return false
  seen.add(codec)
  const within = (part: CodecParts): boolean => mayHoldFile(part, index, seen)
  const { _tag: tag = '' } = codec
  if (tag === 'FileType') return codec.kind !== 'path'
  if (tag === 'ObjectType')
    return [...(codec.only ?? index.objects).values()].some(({ args }) =>
      Object.values(args).some((spec) => within(toParam(spec).codec)),
    )
  return composed.has(tag) ? partsIn(codec).some(within) : !leaves.has(tag)
}
