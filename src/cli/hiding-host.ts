import type { Host } from './host.js'

/** Changes a text that is about to be shown. */
export type Hide = (text: string) => string

/**
 * A host whose standard error shows no secret of the chains that a command has opened: everything written to it passes
 * through the functions given to `hide`.
 */
export const hidingHost = (host: Host): Host & { readonly hide: (hide: Hide) => void } => {
  const hides = new Set<Hide>()
  const hidden: Hide = (text) => [...hides].reduce((shown, hide) => hide(shown), text)
  return {
    ...host,
    err: { ...host.err, write: (text) => host.err.write(hidden(text)) },
    hide: (hide) => void hides.add(hide),
  }
}
