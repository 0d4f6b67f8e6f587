import * as E from 'fp-ts/lib/Either.js'
import type { Place, PlanError } from '../errors.js'
import { nearest } from '../base/suggest.js'
import type { ConfigDocument, ConfigPart, Documents } from './config-types.js'
import { pathFrom } from './uses.js'

/** A part of a document with the name it goes by: `origin` or `origin#part`. */
export interface FoundPart {
  readonly id: string
  readonly origin: string
  readonly part: ConfigPart
}

/** The part of a document that is meant; the main one where none is named. */
export const partOf = (
  document: ConfigDocument,
  name: string | undefined,
  place: Place | undefined,
): E.Either<PlanError, FoundPart> => {
  const known = [...document.parts.keys()].sort()
  const wanted = name ?? document.mainPart
  if (wanted === undefined) return E.left({ _tag: 'NoMainPart', place: place ?? topOf(document), parts: known })
  const part = document.parts.get(wanted)
  if (part === undefined)
    return E.left({
      _tag: 'UnknownPart',
      place,
      origin: document.origin,
      part: wanted,
      known: known.filter((one) => one !== ''),
    })
  return E.right({ id: idOf(document.origin, part.name), origin: document.origin, part })
}

/** The same among documents, some of which may be missing. */
export const findPart = (
  documents: Documents,
  origin: string,
  name: string | undefined,
  place: Place | undefined,
): E.Either<PlanError, FoundPart> => {
  const document = documents.get(origin)
  if (document === undefined)
    return E.left({
      _tag: 'ConfigNotFound',
      origin,
      place,
      near: nearToPlace(nearest(origin, documents.keys()), place),
    })
  return partOf(document, name, place)
}

/** Suggested origins as a config would have to say them where it names another one. */
export const nearToPlace = (near: readonly string[], place: Place | undefined): readonly string[] =>
  place === undefined ? near : near.flatMap((origin) => pathFrom(place.origin, origin) ?? [])

/** `origin` or `origin#part`. */
export const idOf = (origin: string, part: string): string => (part === '' ? origin : `${origin}#${part}`)

/**
 * Name of a config for people and links: the path below the folder of configs, without extension, with the part.
 *
 * @example nameOf('configs/movies/basic.yaml', 'train', 'configs')   // 'movies/basic#train'
 */
export const nameOf = (origin: string, part: string, folder: string): string => {
  const prefix = `${folder.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '')}/`
  const below = prefix !== '/' && origin.startsWith(prefix) ? origin.slice(prefix.length) : origin
  return idOf(below.replace(/\.(?:ya?ml|json)$/i, ''), part)
}

/** The first line of a document. */
export const topOf = (document: ConfigDocument): Place => {
  const given = [...document.parts.values()].some((part) => part.place.line === 0)
  return { origin: document.origin, line: given ? 0 : 1, column: given ? 0 : 1 }
}
