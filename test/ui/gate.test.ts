// Who is let in, what is asked for, and what is read of it: decisions without a server.
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { actionAddress, addressOf } from '../../src/ui/addresses.js'
import { admission, cookieOf, type Visitor } from '../../src/ui/http/gate.js'
import { contentType, pagePolicy } from '../../src/ui/http/headers.js'
import { readAction, readQuestion } from '../../src/ui/http/read-question.js'
import { routeOf } from '../../src/ui/http/route.js'

const door = { port: 8123, token: 'the-token', pass: 'the-pass' }
const page: Visitor = {
  method: 'GET',
  host: '127.0.0.1:8123',
  origin: undefined,
  site: 'same-origin',
  cookie: 'other=1; taskchain-ui-8123=the-pass',
  authorization: undefined,
}
const admitted = (changes: Partial<Visitor>) => admission({ ...page, ...changes }, door)._tag

describe('who is let in', () => {
  test('whoever has the token or the cookie, by any name of this machine', () => {
    expect(admission(page, door)).toEqual({ _tag: 'welcome', by: 'cookie' })
    const token = { cookie: undefined, authorization: 'Bearer the-token' }
    expect(admission({ ...page, ...token }, door)).toEqual({ _tag: 'welcome', by: 'token' })
    for (const host of ['localhost:8123', '[::1]:8123', 'LOCALHOST:8123']) expect(admitted({ host })).toBe('welcome')
    expect(admitted({ method: 'POST', origin: 'http://127.0.0.1:8123' })).toBe('welcome')
    expect(admitted({ ...token, method: 'POST', site: undefined })).toBe('welcome')
  })

  test('nobody with another token, cookie, or none', () => {
    for (const cookie of [
      undefined,
      '',
      'taskchain-ui-8123=',
      'taskchain-ui-8123=the-token',
      'taskchain-ui-81=the-pass',
    ])
      expect(admitted({ cookie }), cookie).toBe('unknown')
    for (const authorization of ['Bearer', 'Bearer ', 'Bearer the-pass', 'Basic the-token', 'Bearer the-token2'])
      expect(admitted({ cookie: undefined, authorization }), authorization).toBe('unknown')
  })

  test('no other host, origin or site, whatever it knows', () => {
    for (const host of [undefined, 'evil.example:8123', '127.0.0.1', '127.0.0.1:80', '127.0.0.1:8123.evil.example'])
      expect(admitted({ host }), host).toBe('foreign')
    for (const origin of [
      'http://evil.example',
      'null',
      'https://127.0.0.1:8123',
      'http://127.0.0.1:81',
      'http://localhost:8123',
    ])
      expect(admitted({ origin, authorization: 'Bearer the-token' }), origin).toBe('foreign')
    for (const site of ['cross-site', 'same-site']) expect(admitted({ site }), site).toBe('foreign')
    expect(admitted({ method: 'POST' })).toBe('foreign') // by cookie alone and without an origin
  })

  test('the cookie is out of reach of scripts and of other sites', () => {
    expect(cookieOf(door)).toBe('taskchain-ui-8123=the-pass; HttpOnly; SameSite=Strict; Path=/')
  })
})

describe('what is asked for', () => {
  test('questions are GETs, actions POSTs, files of the page anything else', () => {
    expect(routeOf('GET', '/')).toEqual({ _tag: 'page', path: 'index.html' })
    expect(routeOf('GET', '/assets/app-1a.js?v=1')).toEqual({ _tag: 'page', path: 'assets/app-1a.js' })
    expect(routeOf('GET', addressOf('project', {}))).toMatchObject({ _tag: 'question', name: 'project' })
    expect(routeOf('GET', '/api/events')).toEqual({ _tag: 'events' })
    expect(routeOf('POST', actionAddress('start'))).toEqual({ _tag: 'action', name: 'start' })
    for (const name of ['ask', 'start', 'force', 'abort', 'session'])
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])
        expect(routeOf(method, `/api/${name}`), `${method} ${name}`).toMatchObject({ _tag: 'refused', status: 405 })
    expect(routeOf('POST', '/api/chain?config=a')).toMatchObject({ status: 405, allow: 'GET' })
    expect(routeOf('POST', '/index.html')).toMatchObject({ status: 405 })
  })

  test('no path leads out of the page', () => {
    for (const path of [
      '/../package.json',
      '/a/../../b',
      '//etc/passwd',
      '/.git/config',
      '/a//b',
      '/a%2f..',
      '/a\\b',
      '/..',
    ])
      expect(routeOf('GET', path), path).toMatchObject({ _tag: 'refused', status: 404 })
    expect(routeOf('GET', '/api/')).toMatchObject({ status: 404 })
    expect(routeOf('GET', '/api/constructor')).toMatchObject({ status: 404 })
    expect(routeOf('GET', `/${'a'.repeat(70_000)}`)).toMatchObject({ status: 400 })
  })

  test('an address says the same in one way, and is read back', () => {
    const asked = { node: 'a b::c:d&e=f', config: 'x/ü.yaml#p', offset: 5, summary: 1 } as const
    const address = addressOf('preview', asked)
    expect(address).toBe('/api/preview?config=x%2F%C3%BC.yaml%23p&node=a%20b%3A%3Ac%3Ad%26e%3Df&offset=5&summary=1')
    const { node, config, offset, summary } = asked
    expect(addressOf('preview', { summary, offset, config, node })).toBe(address)
    const route = routeOf('GET', address)
    expect(route._tag === 'question' && readQuestion('preview', route.asked)).toEqual(E.right(asked))
    const sweep = { config: ['a'], set: ['x=1,2', 'y=3'], column: ['metric:b'] }
    const table = routeOf('GET', addressOf('metrics', sweep))
    expect(table._tag === 'question' && readQuestion('metrics', table.asked)).toEqual(E.right(sweep))
  })

  test('what is missing, or of another kind, is told by name', () => {
    const read = (query: string) => readQuestion('preview', new URLSearchParams(query))
    expect(read('config=a')).toEqual(E.left('node: expected a text of at most 4,096 characters'))
    expect(read('config=a&node=b&offset=-1')).toEqual(E.left('offset: expected a whole number'))
    expect(read('config=a&node=b&limit=1e3')).toEqual(E.left('limit: expected a whole number'))
    expect(read(`config=a&node=${'b'.repeat(5000)}`)).toMatchObject({ _tag: 'Left' })
    expect(read('config=a&node=b&__proto__=c')).toMatchObject({ _tag: 'Right' })
    expect(readAction('start', '{"config":"a"}')).toMatchObject({ _tag: 'Left' })
    expect(readAction('start', 'no')).toEqual(E.left('the body is not JSON'))
    expect(readAction('force', '{"config":"a","tasks":["b"],"delete":"yes"}')).toEqual(
      E.left('delete: expected boolean'),
    )
  })
})

test('the page may load nothing from elsewhere, and nothing that stands in its text', () => {
  expect(pagePolicy).toContain("default-src 'none'")
  expect(pagePolicy).not.toMatch(/unsafe|http|\*/)
  expect([contentType('a.js'), contentType('a.css'), contentType('a.exe')]).toEqual([
    'text/javascript; charset=utf-8',
    'text/css; charset=utf-8',
    'application/octet-stream',
  ])
})
