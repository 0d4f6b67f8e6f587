import { closeSync, openSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnyFormat } from '../declare/format.js'
import type { TaskLog } from '../declare/task.js'
import type { Progress } from './command-types.js'
import { boundedLines, directiveIn, eachLine } from './output-lines.js'
import { runGroup, type Ended } from './process-group.js'
import { outputAt, type ProducedFile } from './produced.js'
import { notStarted, ProgramFailed } from './program-failed.js'

/** What a running task provides to a program. */
export interface ProgramContext {
  readonly log: TaskLog
  readonly note: (record: unknown) => void
  readonly progress: (done: number, total?: number) => void
  readonly signal: AbortSignal
  /** For folder formats: the folder to fill. */
  readonly folder?: string
}

/** One start of a program: plain data, except for the callbacks for lines. */
export interface ProgramStart {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Undefined: a new empty folder. */
  readonly cwd: string | undefined
  readonly stdin: string | undefined
}

export interface ProgramSpec {
  readonly data: AnyFormat
  readonly stdout: 'log' | 'data'
  readonly killAfter: number
  readonly progress: ((line: string) => Progress | undefined) | undefined
  /** What to start, given the places of its files. */
  readonly startIn: (place: ProgramPlace) => Promise<ProgramStart>
}

/** Where one run of a program has its files: a folder that no other user may read, removed at its end. */
export interface ProgramPlace {
  /** For files of taskchain itself. */
  readonly work: string
  readonly output: string
}

/** Runs a program and returns what it has written. Leaves nothing else behind. */
export const runProgram = async (spec: ProgramSpec, context: ProgramContext): Promise<ProducedFile | undefined> => {
  const work = await mkdtemp(join(tmpdir(), 'taskchain-program-'))
  const release = (): Promise<void> => rm(work, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined)
  let keeps = false
  try {
    const produced = await runIn(spec, context, work)
    keeps = produced !== undefined
    return produced && { ...produced, release }
  } finally {
    if (!keeps) await release()
  }
}

const runIn = async (
  spec: ProgramSpec,
  context: ProgramContext,
  work: string,
): Promise<Omit<ProducedFile, 'release'> | undefined> => {
  const { extension, persistence } = spec.data
  const kind = context.folder === undefined ? 'file' : 'folder'
  const output = context.folder ?? join(work, 'output', extension === undefined ? 'output' : `output.${extension}`)
  await mkdir(join(work, 'output'))
  await mkdir(join(work, 'cwd'))
  const start = await spec.startIn({ work, output })
  const last = await runToEnd(spec, context, start, { cwd: start.cwd ?? join(work, 'cwd'), work, output })
  const size = await outputAt(output, kind)
  if (size === undefined)
    throw new ProgramFailed(`'${start.program}' ended well, but ${missing[kind]}: ${output}`, {
      program: start.program,
      code: 0,
      lastLines: last,
    })
  return persistence.storage === 'file' ? { path: output, size } : undefined
}

const missing = {
  file: 'the file that it should have written is not there',
  folder: 'the folder that it should have filled is empty',
}

/** Runs it and returns its last lines. Throws if it did not succeed. */
const runToEnd = async (
  spec: ProgramSpec,
  context: ProgramContext,
  start: ProgramStart,
  { cwd, work, output }: ProgramPlace & { readonly cwd: string },
): Promise<readonly string[]> => {
  const { program, args, env } = start
  const files: number[] = []
  const opened = (path: string, flags: string): number => {
    const file = openSync(path, flags)
    files.push(file)
    return file
  }
  const lines = { stdout: linesFor(spec, context), stderr: linesFor(spec, context) }
  let ended: Ended
  try {
    const stdin = start.stdin === undefined ? 'ignore' : opened(start.stdin, 'r')
    const stdout = spec.stdout === 'data' ? opened(output, 'wx') : 'pipe'
    const { killAfter } = spec
    const { signal } = context
    const listen: Parameters<typeof runGroup>[0]['listen'] = (name, stream) => eachLine(stream, lines[name].take)
    ended = await runGroup({ program, args, cwd, work, env, stdin, stdout, signal, killAfter, listen })
  } catch (cause) {
    throw notStarted(program, env['PATH'], cause)
  } finally {
    for (const file of files) closeSync(file)
  }
  context.signal.throwIfAborted()
  const last = lines.stderr.last().length > 0 ? lines.stderr.last() : lines.stdout.last()
  if (ended.code !== 0) throw failed(program, ended, last)
  return last
}

const failed = (program: string, { code, signal }: Ended, lastLines: readonly string[]): ProgramFailed => {
  const end = signal === null ? `ended with code ${code}` : `was ended by ${signal}`
  const lastLine = lastLines.findLast((line) => line.trim() !== '')
  return new ProgramFailed(`'${program}' ${end}${lastLine === undefined ? '' : `: ${lastLine}`}`, {
    program,
    code,
    signal,
    lastLines,
  })
}

const linesFor = ({ progress }: ProgramSpec, context: ProgramContext) => {
  const lines = boundedLines((line) => context.log.info(line))
  return {
    last: lines.last,
    take: (line: string): void => {
      const directive = directiveIn(line)
      const own = directive === undefined ? progressIn(progress, line) : undefined
      if (directive?._tag === 'note') context.note(directive.record)
      else if (directive !== undefined) context.progress(directive.done, directive.total)
      else {
        if (own !== undefined) context.progress(own.done, own.total)
        lines.take(line)
      }
    },
  }
}

/** An error that a user's function throws over a line is ignored. */
const progressIn = (progress: ProgramSpec['progress'], line: string): Progress | undefined => {
  try {
    return progress?.(line)
  } catch {
    return undefined
  }
}

/** Writes a value in a format that a program can read; returns the path. */
export const writeInput = async (format: AnyFormat, value: unknown, work: string, role: string): Promise<string> => {
  const folder = await mkdtemp(join(work, 'input-'))
  const name = role.replaceAll(/[^\w-]/g, '_')
  const { persistence, extension } = format
  const path = join(folder, extension === undefined ? name : `${name}.${extension}`)
  if (persistence.storage === 'file') {
    await persistence.prepare?.()
    await writeFile(path, (await persistence.encode(value)) as AsyncIterable<Uint8Array>)
  } else if (persistence.storage !== 'memory') {
    await mkdir(path)
    await persistence.write(value, path)
  }
  return path
}
