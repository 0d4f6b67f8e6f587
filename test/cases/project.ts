import * as t from 'io-ts'
import { anyValue } from '../../src/declare/codec/any-value.js'
import { defineObject, object } from '../../src/declare/object.js'
import { asPath, matching, optional, ref, from } from '../../src/declare/input.js'
import { file } from '../../src/declare/file-param.js'
import { param } from '../../src/declare/param.js'
import { inMemory } from '../../src/declare/format.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { defineTemplate, derive } from '../../src/declare/derive.js'

/** The projects that the cases are planned with: `project` unless a case names another export in its project.txt. */

const texts = t.array(t.string)
const Ridge = defineObject('Ridge', {
  args: { l2: param(t.number, { default: 1 }), steps: param(t.array(t.number), { default: [] }) },
}).create((args) => args)
const Wrapped = defineObject('Wrapped', { args: { inner: t.UnknownRecord } }).create((args) => args)
const Mean = defineObject('Mean').create(() => ({}))

const allMovies = defineTask({ params: { sourceFile: t.string }, data: texts }).run(({ sourceFile }) => [sourceFile])
const filtered = defineTask({
  inputs: { allMovies },
  params: { minVotes: t.number, fromYear: param(t.union([t.number, t.null]), { default: null }) },
  data: texts,
}).run(({ allMovies }) => allMovies)
const titles = defineTask({ inputs: { filtered }, data: texts }).run(({ filtered }) => filtered)
const summary = defineTask({ inputs: { data: ref('data', texts) }, data: texts }).run(({ data }) => data)
const compared = defineTask({
  inputs: { left: from('train', titles), right: ref('movies:titels', texts) },
  data: texts,
}).run(({ left }) => left)
const collected = defineTask({ inputs: { features: matching(/feature_.*/, texts) }, data: texts }).run(({ features }) =>
  Object.keys(features),
)
const chosen = defineTask({
  inputs: { personal: optional(ref('personal_ratings', texts), null) },
  params: { genres: param(texts, { default: [] }) },
  data: texts,
}).run(({ genres }) => genres)

const described = defineTask({ params: { about: t.unknown, model: object(Wrapped) }, data: texts }).run(() => [])

const feature = defineTemplate({ inputs: { movies: filtered }, data: texts }).run(({ movies }) => movies)
const featureYear = derive(feature, { name: 'year' })

const ratings = defineTask({ params: { ratingsFile: t.string }, data: texts }).run(({ ratingsFile }) => [ratingsFile])
const trained = defineTask({ inputs: { movies: titles }, params: { model: object(Ridge, Mean) }, data: t.unknown }).run(
  ({ model }) => model,
)

const Stack = defineObject('Stack', {
  args: {
    models: t.array(object(Ridge, Mean)),
    weights: t.tuple([t.number, t.number]),
    vote: param(t.keyof({ mean: null, most: null }), { default: 'mean' }),
  },
}).create((args) => args)
const stacked = defineTask({
  params: {
    model: t.union([object(Stack), t.null]),
    ranges: param(t.array(t.tuple([t.number, t.number])), { default: [] }),
  },
  data: t.unknown,
}).run(({ model }) => model)

const Tree = defineObject('Tree', {
  args: { maxDepth: t.number, minLeaf: param(t.number, { default: 1, nameInConfig: 'leaf' }) },
}).create((args) => args)
const Open = defineObject('Open', { args: { maxDepth: param(t.number, { default: 1 }) }, rest: t.number }).create(
  (args) => args,
)
const grown = defineTask({
  params: { trees: t.array(object(Tree, Open)), options: param(anyValue, { default: {} }) },
  data: t.unknown,
}).run(({ trees }) => trees)

const fetched = defineTask({
  params: {
    apiKey: param(t.string, { secret: true }),
    pages: param(t.array(file), { default: [] }),
    limit: param(t.number, { default: 1, secret: true }),
  },
  data: texts,
}).run(() => [])

/** A codec that gives what no key can hold. */
const Moment = new t.Type<Date, Date>(
  'Moment',
  (value): value is Date => value instanceof Date,
  (value) => t.success(new Date(String(value))),
  (date) => date,
)
const stamped = defineTask({ params: { since: Moment }, data: texts }).run(() => [])

export const project = defineProject({
  pipelines: {
    movies: { allMovies, filtered, titles, feature, featureYear },
    reports: { summary, compared, collected, chosen, stamped, described },
    remote: { fetched },
    ratingModel: { ratings, trained, stacked, grown },
    first: { data: derive(allMovies, { name: 'data' }) },
    second: { data: derive(ratings, { name: 'data' }) },
  },
  objects: { Ridge, Mean, Stack, Tree, Open, Wrapped },
  globals: { DATA_DIR: '/data', CONFIGS: 'shared', KEYED: { value: 'kept', inKey: true } },
})

/** The same movies where nothing may be left over. */
export const strict = defineProject({ pipelines: { movies: { allMovies, filtered } }, strict: true })

/** `title` and `titleTask` are one name. */
export const nameClash = defineProject({
  pipelines: { movies: { allMovies, title: derive(allMovies, {}), titleTask: derive(allMovies, {}) } },
})

/** One task value in two pipelines. */
export const sameTaskTwice = defineProject({ pipelines: { movies: { allMovies }, more: { movies: allMovies } } })

/** One folder on a disk that does not tell upper from lower case. */
export const similarNames = defineProject({
  pipelines: { movies: { allMovies, loud: derive(allMovies, { name: 'ALL_movies' }) } },
})

/** An environment variable that is not set, and other things that are no text. */
export const invalidGlobals = defineProject({
  pipelines: { movies: { allMovies } },
  globals: {
    HOME_DIR: undefined as never,
    PORT: 80,
    SITE: new URL('https://example.org/x'),
    ALL: { value: ['a'] as never, inKey: true },
    RATE: NaN,
    ON: true as never,
  },
})

/** What the compiler refuses, as it comes from plain JavaScript. */
const careless = defineTask as unknown as (spec: object) => { run(fn: () => unknown): unknown }
export const invalidDeclaration = defineProject({
  pipelines: {
    movies: {
      reserved: careless({ params: { uses: t.string }, data: texts }).run(() => []),
      lost: careless({ inputs: { rows: undefined }, data: texts }).run(() => []),
      both: careless({ inputs: { allMovies }, params: { allMovies: t.string }, data: texts }).run(() => []),
      allMovies,
    },
  },
})

/** Former names that are in use, claimed twice, no names, or of nothing. */
export const formerNames = defineProject({
  pipelines: {
    movies: {
      allMovies,
      inUse: careless({ formerly: ['movies:all_movies'], data: texts }).run(() => []),
      itself: careless({ formerly: ['movies:itself'], data: texts }).run(() => []),
      claiming: careless({ formerly: ['movies:old'], data: texts }).run(() => []),
      claimingToo: careless({ formerly: ['movies:older', 'movies:old'], data: texts }).run(() => []),
      bare: careless({ formerly: ['old'], data: texts }).run(() => []),
      list: careless({ formerly: 'movies:other', data: texts }).run(() => []),
      params: careless({
        inputs: { allMovies },
        inputsFormerly: { rows: ['lines'], allMovies: ['min'] },
        params: {
          min: t.number,
          least: param(t.number, { formerly: ['min', 'fewest'] }),
          few: param(t.number, { formerly: ['fewest'] }),
        },
        data: texts,
      }).run(() => []),
    },
  },
})

/** `titles` reads `filtered`, which no pipeline exports. */
export const inputNotExported = defineProject({ pipelines: { movies: { allMovies, titles } } })

/** Tasks that read each other by name. */
const egg = defineTask({ inputs: { hen: ref('hen', texts) }, data: texts }).run(({ hen }) => hen)
const hen = defineTask({ inputs: { egg }, data: texts }).run(({ egg }) => egg)
export const circular = defineProject({ pipelines: { farm: { egg, hen } } })

const index = defineTask({ data: inMemory<Map<string, number>>() }).run(() => new Map())
const read = defineTask({ inputs: { index: asPath(index) }, data: t.string }).run(({ index }) => index)
export const pathOfMemory = defineProject({ pipelines: { paths: { index, read } } })
