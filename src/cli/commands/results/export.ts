import { realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { isS3Address } from '../../../adapters/object-store/s3/s3-address.js'
import type { LoadedProject } from '../../../adapters/project/project-file.js'
import { exportArtifact } from '../../../inspect/export-artifact.js'
import { mustRun } from '../../../inspect/must-run.js'
import { addressOf } from '../../../plan/names/artifact-address.js'
import { operand, print, textOption, type Command } from '../../call.js'
import { exitCodes, type ExitCode } from '../../exit-codes.js'
import { jsonDocument, refused } from '../../json-output.js'
import { taskNamed, withChain } from '../../open-chain-of-call.js'
import { byteSize } from '../../render/units.js'
import { missingText, readable, readableStates } from '../show.js'

/** `export CONFIG TASK -o FILE`: copies the stored result of a task out of the store. */
export const exportCommand: Command = (call) => {
  const output = textOption(call, 'output')
  if (output === undefined || output === '') {
    const problem = 'name the destination: -o FILE, or -o FOLDER for a task that keeps a folder'
    return Promise.resolve(refused(call, 'BadOption', problem, exitCodes.usage))
  }
  const to = resolve(call.host.folder, output)
  return withChain(call, operand(call, 'config'), {}, async (chain, store, loaded) => {
    const handle = taskNamed(chain, operand(call, 'task'))
    const { name, key, node } = handle
    const refuse = (problem: string): ExitCode => refused(call, 'BadOption', problem, exitCodes.usage)
    const overlap = overlapOf(to, loaded, store.location)
    if (overlap !== undefined) return refuse(`${output} ${overlap}: use another name`)
    if (node.storage === 'memory') return refuse(`${name} is kept in memory only: there is nothing to export`)
    const missing = mustRun(chain.plan, await readableStates(chain), name)
    if (missing.includes(name)) {
      const problem = `${await missingText(handle, 1, [name])}; compute it with 'run' first`
      return refused(call, 'NotComputed', problem, exitCodes.usage)
    }
    const exported = await readable(handle, () =>
      exportArtifact(store, addressOf(node), to, call.options['force'] === true),
    )
    switch (exported._tag) {
      case 'taken':
        return refuse(`${output} exists already; --force replaces it`)
      case 'other kind': {
        const keeps = exported.is === 'file' ? 'folder' : 'file'
        return refuse(`${output} is a ${exported.is}, and ${name} keeps a ${keeps}: use another name`)
      }
      case 'special':
        return refuse(`${output} is neither a file nor a folder: use another name`)
      case 'no folder':
        return refuse(`${output} cannot be written: there is no folder ${relative(call.host.folder, exported.folder)}`)
      case 'no files':
        return refuse(`${output} cannot be written: the system makes no files in ${exported.folder}`)
      case 'missing':
        return refused(call, 'ArtifactUnreadable', `${name} cannot be exported: ${exported.problem}`, exitCodes.failed)
      case 'exported': {
        const { isFolder, size } = exported
        if (call.common.json)
          call.host.out.write(jsonDocument({ task: name, key, path: to, kind: isFolder ? 'folder' : 'file', size }, 2))
        else print(call, [`exported ${name} to ${relative(call.host.folder, to) || to}, ${byteSize(size)}`])
        return exitCodes.done
      }
    }
  })
}

/** Why a destination is refused even with --force: it would replace the project or a store, or change a store. */
const overlapOf = (to: string, { root, file, project }: LoadedProject, store: string): string | undefined => {
  // a link at the destination itself is replaced, never followed: so those on the way to a store count, too
  const place = placeOf(to)
  if ([placeOf(file), realOf(file)].includes(place)) return 'is the file of the project'
  if ([root, file].some((path) => holds(place, realOf(path)))) return 'holds the project'
  const own = [project.store, ...project.shared.map(({ at }) => at)].filter((one) => !isS3Address(one))
  const stores = [...(isAbsolute(store) ? [store] : []), ...own.map((path) => resolve(realOf(root), path))]
  for (const one of stores.flatMap((path) => [path, realOf(path)])) {
    if (holds(place, one)) return 'holds the store'
    if (holds(one, place)) return 'is in the store, where only taskchain writes'
  }
  return undefined
}

const holds = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)

/** Where a path is by itself, whatever it links to. */
const placeOf = (path: string): string => join(realOf(dirname(path)), basename(path))

const realOf = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
