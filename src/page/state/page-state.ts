import { signal } from '@preact/signals'
import type { Embedded, ProjectAnswer, ServerEvent } from '../../ui/contract.js'
import { embeddedSource } from '../source/embedded-source.js'
import { hasToken, httpSource, openSession } from '../source/http-source.js'
import type { Link, Source } from '../source/source.js'
import { type Live, liveAfter, nothingLive } from './live.js'
import { hashOf, type Route, routeOf, type View, withWords } from './route.js'

/** Page state that many views share, each part a signal. */

/** The data embedded in this page, if it is a report. */
const embeddedHere = (): Embedded | undefined => {
  const text = document.getElementById('taskchain-embedded')?.textContent ?? ''
  return text.trim() === '' ? undefined : (JSON.parse(text) as Embedded) // written by `report`
}
const embedded = embeddedHere()
export const source: Source = embedded === undefined ? httpSource() : embeddedSource(embedded)

export const route = signal<Route>(routeOf(location.hash))
export const link = signal<Link>('none')
export const live = signal<Live>(nothingLive)
/** Counters that increase when the project, store or history has changed, so that views ask again. */
export const changes = { project: signal(0), store: signal(0), history: signal(0) }
export type Topic = keyof typeof changes

export const go = (view: View, words: { readonly [name: string]: string | undefined } = {}): void => {
  location.hash = hashOf(withWords({ view, words: {} }, words))
}
/** Replaces parameters in this view's address. */
export const put = (words: { readonly [name: string]: string | undefined }): void => {
  location.hash = hashOf(withWords(route.value, words))
}

/** The folder of the configs, once known. */
export const configsFolder = signal('')
/** The path of a config without that folder. */
export const shortConfig = (config: string): string =>
  configsFolder.value !== '' && config.startsWith(`${configsFolder.value}/`)
    ? config.slice(configsFolder.value.length + 1)
    : config

/** The config to show: the one in the address, or else the first that can have a chain. */
export const configOf = (project: ProjectAnswer): string =>
  route.value.words.config ?? embedded?.config ?? project.configs.find((name) => !name.includes('#')) ?? ''

/** Opens the session, and follows events and the address; to be called once. */
export const startPage = async (): Promise<void> => {
  if (source.live) await openSession()
  route.value = routeOf(location.hash)
  addEventListener('hashchange', () => {
    // opening the address of a restarted server in this tab only changes the part after '#', which loads nothing
    if (source.live && hasToken()) return location.reload()
    route.value = routeOf(location.hash)
  })
  source.follow(onEvent, (now) => {
    if (link.value === 'lost' && now === 'open') for (const topic of Object.values(changes)) topic.value += 1
    link.value = now
  })
}

const onEvent = (event: ServerEvent): void => {
  live.value = liveAfter(live.value, event)
  if (event.kind === 'changed') changes[event.what].value += 1
  if (event.kind === 'ended') {
    changes.store.value += 1
    changes.history.value += 1
  }
  if (event.kind === 'hello' && event.missed) for (const topic of Object.values(changes)) topic.value += 1
}
