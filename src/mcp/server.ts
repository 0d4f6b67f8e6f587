import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js'
import { ownVersion } from '../base/package-root.js'
import { answerOf, type Answer } from './answer.js'
import { runCommand } from './run-command.js'
import { requestOf, tools, type Tool } from './tools.js'

/** Options from the command line. */
export interface AssistantOptions {
  readonly folder: string
  /** Options that every command gets: the project, the store. */
  readonly common: readonly string[]
}

const instructions =
  'Answers questions about the chains of a taskchain project: what a config would compute, why, and what is stored. ' +
  "Reads only: nothing is computed. Start with 'check' for the configs, then 'plan' one of them."

/** Serves an assistant over standard input and output, until its input ends. */
export const serveAssistant = async ({ folder, common }: AssistantOptions): Promise<void> => {
  // oxlint-disable-next-line typescript/no-deprecated -- arguments are validated here, which halves the size
  const server = new Server({ name: 'taskchain', version: ownVersion() }, { capabilities: { tools: {} }, instructions })
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(described) }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }): Promise<CallToolResult> => {
    const tool = tools.find(({ name }) => name === params.name)
    if (tool === undefined)
      throw new McpError(
        ErrorCode.InvalidParams,
        `no tool '${params.name.slice(0, 100)}'; there are ${tools.map(({ name }) => name).join(', ')}`,
      )
    const request = requestOf(tool, params.arguments)
    if ('problems' in request) return resultOf({ isError: true, text: request.problems.join('\n') })
    const [name = '', ...rest] = request.words
    return resultOf(answerOf(await runCommand([name, ...common, ...rest], folder, signal)))
  })
  const ended = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve)
    process.stdin.once('close', resolve)
    process.stdout.once('error', () => resolve()) // the client is gone
  })
  await server.connect(new StdioServerTransport())
  await ended
}

const described = ({ name, about, properties, required }: Tool) => ({
  name,
  description: about,
  inputSchema: { type: 'object' as const, properties, required: [...required], additionalProperties: false },
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
})

const resultOf = ({ isError, text }: Answer): CallToolResult => ({ content: [{ type: 'text', text }], isError })
