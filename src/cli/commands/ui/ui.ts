import { ownModule, ownVersion, packageRoot } from '../../../base/package-root.js'
import { projectFileOf } from '../../../adapters/project/project-file.js'
import { codeOf } from '../../../adapters/file-store/file-system.js'
import { badOption } from '../../../explain.js'
import type { UiOptions, UiServer } from '../../../ui/serve.js'
import { numberOption, print, printBeside, type Call, type Command } from '../../call.js'
import { exitCodes } from '../../exit-codes.js'
import { onInterruption } from '../../interruption.js'
import { jsonDocument } from '../../json-output.js'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** `ui`: serves a page about the project to the browser, until Ctrl-C. Listens on the loopback interface only. */
export const ui: Command = async (call) => {
  const port = numberOption(call, 'port') ?? 0
  if (port > 65_535) throw badOption(`--port ${port}`, 'ports go up to 65535')
  const file = await projectFileOf(call.host.folder, call.common.project) // errors in it are shown by the page
  const interruption = onInterruption(
    () => undefined,
    () => undefined,
  )
  try {
    const server = await started(call, file, port)
    tell(call, server)
    const forget = opens(call) ? await openBrowser(server.url) : undefined
    if (!interruption.signal.aborted)
      await new Promise((resolve) => interruption.signal.addEventListener('abort', resolve, { once: true }))
    await forget?.()
    await server.close()
    return interruption.code() ?? exitCodes.done
  } finally {
    interruption.release()
  }
}

const started = async (call: Call, project: string, port: number): Promise<UiServer> => {
  const { startUi } = await import('../../../ui/serve.js')
  try {
    return await startUi(optionsOf(call, project, port))
  } catch (cause) {
    const code = codeOf(cause)
    if (code === 'EADDRINUSE') throw badOption(`--port ${port}`, 'it is in use; leave it out, and a free one is taken')
    if (code === 'EACCES') throw badOption(`--port ${port}`, 'this user may not listen there; take one above 1023')
    throw cause
  }
}

const optionsOf = (call: Call, project: string, port: number): UiOptions => {
  const { store, context, set, logLevel } = call.common
  const { folder } = call.host
  const several = (flag: string, values: readonly string[]): readonly string[] =>
    values.flatMap((value) => [flag, value])
  return {
    folder,
    project,
    ...(store === undefined ? {} : { store }),
    context,
    set,
    version: ownVersion(),
    actions: call.options['readOnly'] !== true,
    port,
    command: [process.execPath, ...process.execArgv, ownModule('cli/main')],
    runOptions: [
      '--project',
      project,
      ...(store === undefined ? [] : ['--store', store]),
      ...several('--context', context),
      ...several('--set', set),
      ...(logLevel === undefined ? [] : ['--log-level', logLevel]),
    ],
    thread: ownModule('cli/commands/ui/ui-reader'),
    page: `${packageRoot()}/dist/page`,
  }
}

const tell = (call: Call, { url, port }: UiServer): void => {
  if (call.common.json) call.host.out.write(jsonDocument({ url, port, pid: process.pid }))
  else {
    print(call, [url])
    printBeside(call, ['the address has a token: anyone who has it can start runs; Ctrl-C ends it'])
  }
}

/** Opens a browser by default only if the terminal is on this machine; `--open` and `--no-open` override that. */
const opens = ({ options, common, host }: Call): boolean => {
  if (typeof options['open'] === 'boolean') return options['open']
  const { SSH_CONNECTION: remote, CI: ci, DISPLAY: x, WAYLAND_DISPLAY: wayland } = host.environment
  const hasScreen = process.platform !== 'linux' || (x ?? wayland ?? '') !== ''
  return !common.json && host.out.isTerminal && hasScreen && remote === undefined && ci === undefined
}

/**
 * Opens an address in the browser; without a browser, the address is still on the terminal. It is passed in a file that
 * only this user can read, as command lines are visible to all. Resolves with a function that removes the file.
 */
const openBrowser = async (url: string): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), 'taskchain-ui-'))
  const file = join(folder, 'open.html')
  await writeFile(file, `<!doctype html><meta http-equiv="refresh" content="0;url=${url}">\n`, { mode: 0o600 })
  const [program = '', ...words] = openers[process.platform] ?? ['xdg-open']
  const child = spawn(program, [...words, file], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
  return () => rm(folder, { recursive: true, force: true })
}

const openers: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}
