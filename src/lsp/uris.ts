import { fileURLToPath, pathToFileURL } from 'node:url'

/** The path of a file URI sent by the client; undefined if it is not a file on this machine. */
export const pathOfUri = (uri: string): string | undefined => {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined
  } catch {
    return undefined
  }
}

export const uriOfPath = (path: string): string => pathToFileURL(path).href
