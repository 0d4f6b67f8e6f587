import { fileRequest, readFileRequest } from '../../base/file-requests.js'
import { relative } from 'node:path'
import type { Awaitable } from '../../declare/types.js'
import type { RunError } from '../../errors.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import type { Session } from '../session/session.js'

/** The files that a node's params name: collected while params are decoded, checked before and after `run`. */
export interface PlannedFiles {
  readonly met: (request: string, sha256: string) => void
  /**
   * The first file that does not match its digest in the plan. Never rejects; undefined if the session has no digests.
   */
  readonly changed: () => Awaitable<RunError | undefined>
}

/** A key stands for the contents of files: a result computed from other contents must not be stored under it. */
export const plannedFiles = (session: Pick<Session, 'digests' | 'root'>, node: NodeOutline): PlannedFiles => {
  const files = new Map<string, string>()
  const look = async (digests: NonNullable<Session['digests']>): Promise<RunError | undefined> => {
    const now = await digests([...files.keys()])
    for (const [path, sha256] of files) {
      const digest = now[path]
      const problem =
        typeof digest === 'object' && 'problem' in digest
          ? digest.problem
          : (typeof digest === 'string' ? digest : digest?.sha256) === sha256
            ? undefined
            : 'its content has changed'
      if (problem !== undefined) return { _tag: 'FileChanged', node: node.id, path: shown(session.root, path), problem }
    }
    return undefined
  }
  return {
    met: (request, sha256) => void files.set(request, sha256),
    changed: () => (files.size === 0 || session.digests === undefined ? undefined : look(session.digests)),
  }
}

const shown = (root: string, request: string): string => {
  const { kind, path } = readFileRequest(request)
  return kind === 'glob' ? request : fileRequest(kind, relative(root, path))
}
