import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endings } from '../lease/at-exit.js'

/** Folders for formats that need one, in the system's temporary folder; removed when the process ends. */
export interface TemporaryPlace {
  newFolder(): string
  dispose(): void
}

export const temporaryPlace = (): TemporaryPlace => {
  let place: string | undefined
  let count = 0
  const dispose = (): void => {
    if (place === undefined) return
    fs.rmSync(place, { recursive: true, force: true })
    endings().delete(dispose)
    place = undefined
  }
  return {
    newFolder: () => {
      if (place === undefined) {
        place = fs.mkdtempSync(join(tmpdir(), `taskchain-${randomBytes(2).toString('hex')}-`))
        endings().add(dispose)
      }
      const path = join(place, String(count++))
      fs.mkdirSync(path)
      return path
    },
    dispose,
  }
}
