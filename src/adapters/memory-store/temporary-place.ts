import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Folders for formats that need one, in the system's temporary folder; removed when the process ends. */
export interface TemporaryPlace {
  newFolder(): string
  dispose(): void
}

export const temporaryPlace = (): TemporaryPlace => {
  let place: string | undefined
  let count = 0
  return {
    newFolder: () => {
      place ??= temporaryFolder()
      const path = join(place, String(count++))
      fs.mkdirSync(path)
      return path
    },
    dispose: () => {
      if (place === undefined) return
      fs.rmSync(place, { recursive: true, force: true })
      atExit?.delete(place)
      place = undefined
    },
  }
}

let atExit: Set<string> | undefined

const temporaryFolder = (): string => {
  if (atExit === undefined) {
    const made = new Set<string>()
    process.once('exit', () => {
      for (const path of made) fs.rmSync(path, { recursive: true, force: true })
    })
    atExit = made
  }
  const path = fs.mkdtempSync(join(tmpdir(), `taskchain-${randomBytes(2).toString('hex')}-`))
  atExit.add(path)
  return path
}
