import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fingerprintMaker, keepFingerprints, type KeptFingerprints } from '../../runtime/code-drift/code-fingerprint.js'
import { cacheFolderFor, writeQuietly } from './cache-folder.js'

/** More than a project has functions; beyond it, only those that the process asked for are kept. */
const maxKept = 20_000
/** Four times what these take: a longer file is not one of ours, and is not read. */
const maxBytes = 4 * 86 * maxKept

const digest = (text: string): string => hash('sha256', text, 'hex')

/**
 * Fingerprints by the digest of the source, in one file, so that a later process neither loads the parser nor parses
 * what has not changed. It only saves time: a missing, torn or foreign file is written anew.
 *
 * @param maker names the code that makes the fingerprints; what another one made is not used.
 */
export const fingerprintCache = (
  file: string,
  maker: string,
): { readonly fingerprints: KeptFingerprints; readonly save: () => void } => {
  let earlier: ReadonlyMap<string, string> | undefined
  const asked = new Map<string, string>()
  let isChanged = false
  return {
    fingerprints: {
      of: (source) => {
        earlier ??= read(file, maker)
        const key = digest(source)
        const found = earlier.get(key)
        if (found !== undefined) asked.set(key, found)
        return found
      },
      add: (source, fingerprint) => {
        asked.set(digest(source), fingerprint)
        isChanged = true
      },
    },
    save: () => {
      if (!isChanged) return
      const all = new Map([...read(file, maker), ...asked])
      write(file, maker, all.size > maxKept ? asked : all)
    },
  }
}

const lineForm = /^([\da-f]{64}) (ast-[\da-f]{16})$/

const read = (file: string, maker: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  try {
    const is = statSync(file)
    if (!is.isFile() || is.size > maxBytes) return found // reading a pipe or a device may never end
    const text = readFileSync(file, 'utf8')
    const end = text.indexOf('\n')
    const body = text.slice(end + 1)
    if (text.slice(0, end) !== `${maker} ${digest(body)}`) return found
    for (const line of body.split('\n')) {
      const [, source, fingerprint] = lineForm.exec(line) ?? []
      if (source !== undefined && fingerprint !== undefined) found.set(source, fingerprint)
    }
  } catch {
    // there is none yet, or it cannot be read: everything is parsed
  }
  return found
}

const write = (file: string, maker: string, all: ReadonlyMap<string, string>): void => {
  const body = [...all].map(([source, fingerprint]) => `${source} ${fingerprint}`).join('\n')
  writeQuietly(file, `${maker} ${digest(body)}\n${body}`)
}

let isKept = false

/**
 * Fingerprints of this process are kept for the next one, in the `node_modules/.cache` of a project. Nothing is kept
 * without such a folder, nor where the library is not built, since its maker has no name of its own then.
 */
export const keepFingerprintsOf = (project: string): void => {
  const folder = cacheFolderFor(project)
  const maker = basename(fingerprintMaker)
  if (isKept || folder === undefined || !/-[\w-]{8}\.js$/.test(maker)) return
  isKept = true
  const { fingerprints, save } = fingerprintCache(join(folder, 'fingerprints'), maker)
  keepFingerprints(fingerprints)
  process.once('exit', save)
}
