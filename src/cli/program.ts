import { Command as Parser, CommanderError, InvalidArgumentError, Option } from 'commander'
import pc from 'picocolors'
import { textIn, textsIn, type Call, type CommonOptions } from './call.js'
import { commonOptions, type CommandDescription, type OptionDescription } from './command-description.js'
import { commands } from './commands.js'
import { exitCodes, type ExitCode } from './exit-codes.js'
import { takesColour, type Host } from './host.js'
import { jsonDocument } from './json-output.js'
import type { usageHint } from './usage-hint.js'
import { reportEndsWhileLoading } from './end-while-loading.js'
import { reportFailure } from './report-failure.js'

/** Runs a command line and resolves with the exit code; writes only to the host's outputs, never rejects. */
export const runCommandLine = async (words: readonly string[], outside: Host, version: string): Promise<ExitCode> => {
  const host = hidingHost(outside)
  let code: ExitCode = exitCodes.done
  const program = parserOf(host, version, (outcome) => {
    code = outcome
  })
  const reporting = {
    host,
    json: words.includes('--json'),
    paint: pc.createColors(takesColour(host, host.err, !words.includes('--no-color'))),
  }
  const stopReporting = reportEndsWhileLoading(reporting)
  try {
    await program.parseAsync(wordsToParse(program, words), { from: 'user' })
    return code
  } catch (error) {
    // help and version end up here too, with exit code 0; their text is already printed
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.done
      const hint = await hintFor(error, words, host.folder)
      if (reporting.json) host.out.write(jsonDocument({ errors: [misuse(error, hint)] }))
      if (hint !== undefined) host.err.write(`  ${hint}\n`)
      return exitCodes.usage
    }
    return reportFailure(error, reporting)
  } finally {
    stopReporting()
  }
}

/** A command line that cannot be parsed, for programs. */
const misuse = ({ code, message }: CommanderError, hint: string | undefined): object => ({
  code: 'BadOption',
  message: code === 'commander.help' ? 'no command is named' : message.replace(/^error: /, ''),
  ...(hint === undefined ? {} : { hint }),
})

/** `help NAME` of an unknown command gets the error of that command, not the help of all commands without a word. */
const wordsToParse = (program: Parser, words: readonly string[]): string[] => {
  const [first, topic] = words
  if (first === undefined) return ['--help']
  if (first !== 'help' || topic === undefined || topic.startsWith('-')) return [...words]
  if (topic === 'help') return ['--help']
  return program.commands.some((command) => command.name() === topic) ? [...words] : [topic]
}

/** Imported on demand, because it pulls in project loading. */
const hintFor = async (...asked: Parameters<typeof usageHint>): Promise<string | undefined> =>
  (await import('./usage-hint.js')).usageHint(...asked)

const parserOf = (host: Host, version: string, ended: (code: ExitCode) => void): Parser => {
  const program = new Parser('taskchain')
  program
    .description('Typed computation chains that never compute the same thing twice.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help, with examples')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.out.write(text),
      writeErr: (text) => host.err.write(shortened(text)),
      getOutHelpWidth: () => Math.min(host.out.size().columns, 120),
      getErrHelpWidth: () => Math.min(host.err.size().columns, 120),
      getOutHasColors: () => takesColour(host, host.out, true),
      getErrHasColors: () => takesColour(host, host.err, true),
    })
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nExamples:\n  taskchain init my-project\n  taskchain plan configs/movies.yaml\n' +
        '  taskchain run configs/movies.yaml\n\n`taskchain <command> --help` has examples for each command.',
    )
  for (const option of commonOptions) program.addOption(optionOf(option))
  for (const description of commands) addCommand(program, description, host, ended)
  return program
}

/** An error repeats the mistyped text, but only the ends of it if someone pasted a whole file. */
const shortened = (text: string): string =>
  text.replace(/[^\n]{1000,}/g, (line) => `${line.slice(0, 200)}…${line.slice(-100)}`)

const addCommand = (
  program: Parser,
  description: CommandDescription,
  host: Host,
  ended: (code: ExitCode) => void,
): void => {
  const parser = program
    .command(description.name, { hidden: description.hidden ?? false })
    .description(description.about)
  for (const { syntax, about } of description.operands) parser.argument(syntax, about)
  if (description.usage !== undefined) parser.usage(`[options] ${description.usage}`)
  for (const option of description.options) parser.addOption(optionOf(option))
  if (description.verbatim === true) parser.allowUnknownOption().helpOption(false)
  if (description.examples.length > 0)
    parser.addHelpText('after', `\nExamples:\n${description.examples.map((line) => `  ${line}`).join('\n')}`)
  parser.action(async () => {
    const command = await description.load()
    ended(await command(callOf(parser, program, host)))
  })
}

const callOf = (parser: Parser, program: Parser, host: Host): Call => {
  const given = program.opts()
  const common: CommonOptions = {
    project: textIn(given['project']),
    store: textIn(given['store']),
    context: textsIn(given['context']),
    set: textsIn(given['set']),
    json: given['json'] === true,
    logLevel: given['logLevel'] as CommonOptions['logLevel'],
  }
  const colour = given['color'] !== false
  return {
    host,
    common,
    operands: Object.fromEntries(
      parser.registeredArguments.map((argument, index) => [argument.name(), operandIn(parser.processedArgs[index])]),
    ),
    options: parser.opts(),
    paint: {
      out: pc.createColors(takesColour(host, host.out, colour)),
      err: pc.createColors(takesColour(host, host.err, colour)),
    },
  }
}

const operandIn = (given: unknown): string | readonly string[] | undefined =>
  Array.isArray(given) ? textsIn(given) : textIn(given)

const optionOf = (description: OptionDescription): Option => {
  const option = new Option(description.flags, description.about)
  if (description.choices !== undefined) option.choices(description.choices)
  if (description.repeatable === true)
    option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value])
  if (description.whole === 'number') option.argParser(wholeNumber)
  return option
}

const wholeNumber = (text: string): number => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.')
  return number
}

/** Changes a text that is about to be shown. */
type Hide = (text: string) => string

/**
 * A host whose standard error shows no secret of the chains that a command has opened: everything written to it passes
 * through the functions given to `hide`.
 */
const hidingHost = (host: Host): Host & { readonly hide: (hide: Hide) => void } => {
  const hides = new Set<Hide>()
  const hidden: Hide = (text) => [...hides].reduce((shown, hide) => hide(shown), text)
  return {
    ...host,
    err: { ...host.err, write: (text) => host.err.write(hidden(text)) },
    hide: (hide) => void hides.add(hide),
  }
}
