import { quietly } from '../file-store/file-system.js'

let atExit: Set<() => void> | undefined

/** Actions to run when this process exits; one listener for all stores, however many are opened. */
export const endings = (): Set<() => void> => {
  if (atExit === undefined) {
    const all = new Set<() => void>()
    process.once('exit', () => {
      for (const end of all) quietly(end)
    })
    atExit = all
  }
  return atExit
}
