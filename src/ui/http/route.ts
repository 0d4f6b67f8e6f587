import type { Actions, Questions } from '../addresses.js'

/** What a request wants, decided by method and path alone. */
export type Route =
  /** A file of the page, by its path below the page's folder. */
  | { readonly _tag: 'page'; readonly path: string }
  | { readonly _tag: 'question'; readonly name: QuestionName; readonly asked: URLSearchParams }
  | { readonly _tag: 'events' }
  | { readonly _tag: 'action'; readonly name: keyof Actions }
  | { readonly _tag: 'refused'; readonly status: 400 | 404 | 405; readonly problem: string; readonly allow?: string }

export type QuestionName = Exclude<keyof Questions, 'events'>

export const questionNames = [
  'project',
  'overview',
  'chain',
  'states',
  'node',
  'preview',
  'log',
  'file',
  'compare',
  'metrics',
  'runs',
  'run',
  'runs-diff',
  'runs-metrics',
] as const satisfies readonly QuestionName[]

export const actionNames = ['ask', 'start', 'force', 'abort', 'session'] as const satisfies readonly (keyof Actions)[]

/** Limit on the length of a request target. */
const longestTarget = 64 * 1024

/** GET never changes anything: everything that does is a POST, and every other method is refused. */
export const routeOf = (method: string, target: string): Route => {
  if (target.length > longestTarget) return refused(400, 'the address is too long')
  const [path, query] = splitOnce(target, '?')
  if (!path.startsWith('/api/')) return pageRoute(method, path)
  const name = path.slice('/api/'.length)
  const action = actionNames.find((one) => one === name)
  if (action !== undefined) return method === 'POST' ? { _tag: 'action', name: action } : notAllowed(method, 'POST')
  const question = questionNames.find((one) => one === name)
  if (question === undefined && name !== 'events') return refused(404, 'there is no such question')
  if (method !== 'GET') return notAllowed(method, 'GET')
  return question === undefined
    ? { _tag: 'events' }
    : { _tag: 'question', name: question, asked: new URLSearchParams(query) }
}

const pageRoute = (method: string, path: string): Route => {
  if (method !== 'GET' && method !== 'HEAD') return notAllowed(method, 'GET, HEAD')
  const file = path === '/' ? 'index.html' : path.slice(1)
  return isPlainPath(file) ? { _tag: 'page', path: file } : refused(404, 'there is no such file')
}

/** Names of the page's files consist of letters, digits and a few marks, without a leading dot or a way up. */
const isPlainPath = (path: string): boolean => /^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/.test(path) && path.length < 200

const refused = (status: 400 | 404, problem: string): Route => ({ _tag: 'refused', status, problem })

const notAllowed = (method: string, allow: string): Route => ({
  _tag: 'refused',
  status: 405,
  problem: `${method.slice(0, 20)} is not allowed here, only ${allow}`,
  allow,
})

const splitOnce = (text: string, mark: string): readonly [string, string] => {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
