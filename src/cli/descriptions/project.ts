import { config, type CommandDescription } from '../command-description.js'

/** Commands about a project as a whole, and about the shell. */

export const init: CommandDescription = {
  name: 'init',
  about: 'create a small working project, with a test and a CI workflow',
  operands: [{ syntax: '[dir]', about: 'folder to create it in; default: this folder', completes: 'folder' }],
  options: [
    {
      flags: '--template <name>',
      about:
        'minimal: the words of a poem (default); ml: a model and its errors; llm: an evaluation of language models',
      choices: ['minimal', 'ml', 'llm'],
    },
    {
      flags: '--from <dir>',
      about:
        'draft the project from configs of the Python library: the configs, with skeletons of pipelines and classes',
      completes: 'folder',
    },
  ],
  examples: [
    'taskchain init',
    'taskchain init my-project',
    'taskchain init evaluation --template llm',
    'taskchain init films --from ../old/configs',
  ],
  load: async () => (await import('../commands/init.js')).init,
}

export const check: CommandDescription = {
  name: 'check',
  about: 'plan every config below a folder and report all errors and warnings at once',
  operands: [
    { syntax: '[dir]', about: "folder to check; default: the project's folder of configs", completes: 'folder' },
  ],
  options: [
    {
      flags: '--format <format>',
      about: 'text (default), json (the same as --json) or github (annotations for GitHub Actions)',
      choices: ['text', 'json', 'github'],
    },
    {
      flags: '--all',
      about:
        'also list every config with its status (fine, wrong, partial, values only), and every place of every problem',
    },
    { flags: '--strict', about: 'fail on warnings too' },
  ],
  examples: [
    'taskchain check',
    'taskchain check configs/rating_model --json',
    'taskchain check --format github --strict',
  ],
  load: async () => (await import('../commands/check.js')).check,
}

export const schema: CommandDescription = {
  name: 'schema',
  about: "print a JSON Schema of the project's configs, with which editors complete names and underline mistakes",
  operands: [],
  options: [
    { flags: '-o, --output <file>', about: 'output file; default: standard output', completes: 'file' },
    { flags: '--contexts', about: 'a schema of contexts instead of configs' },
  ],
  examples: [
    'taskchain schema -o taskchain.schema.json',
    'taskchain schema --contexts -o taskchain.contexts.schema.json',
  ],
  load: async () => (await import('../commands/schema.js')).schema,
}

export const lsp: CommandDescription = {
  name: 'lsp',
  about: 'run a language server for configs over standard input and output; editors start it',
  operands: [],
  options: [
    { flags: '--stdio', about: 'the only transport; accepted because editors pass it' },
    { flags: '--clientProcessId <pid>', about: 'end when this process ends; editors pass it' },
  ],
  examples: [
    'taskchain lsp',
    'taskchain lsp --project pipelines/taskchain.config.ts',
    'taskchain lsp --context contexts/quick.yaml',
  ],
  load: async () => (await import('../commands/servers/lsp.js')).lsp,
}

export const mcp: CommandDescription = {
  name: 'mcp',
  about:
    'run a Model Context Protocol server for assistants over standard input and output; it answers, computes nothing',
  operands: [],
  options: [],
  examples: ['taskchain mcp', 'taskchain mcp --project pipelines/taskchain.config.ts --store /mnt/team/tasks'],
  load: async () => (await import('../commands/servers/mcp.js')).mcp,
}

export const completion: CommandDescription = {
  name: 'completion',
  about: 'print a script with which a shell completes commands, options, configs and tasks',
  operands: [{ syntax: '<shell>', about: 'bash, zsh or fish' }],
  options: [],
  examples: [
    'source <(taskchain completion bash)',
    'taskchain completion zsh > "${fpath[1]}/_taskchain"',
    'taskchain completion fish | source',
  ],
  load: async () => (await import('../commands/completion.js')).completion,
}

export const complete: CommandDescription = {
  name: 'complete',
  about: 'print the candidates for shell completion',
  operands: [{ syntax: '[word...]', about: 'the words so far; the last one is being typed' }],
  options: [],
  examples: [],
  hidden: true,
  verbatim: true,
  load: async () => (await import('../commands/complete.js')).complete,
}

export const ui: CommandDescription = {
  name: 'ui',
  about: 'serve a page to the browser: chains, values, live runs, history; on this machine only, until Ctrl-C',
  operands: [],
  options: [
    { flags: '--port <n>', about: 'port to listen on; default: any free port', whole: 'number' },
    { flags: '--open', about: 'open the browser; default: only from a terminal on a machine with a screen' },
    { flags: '--no-open', about: 'do not open the browser' },
    { flags: '--read-only', about: 'the page cannot start, force or delete anything' },
  ],
  examples: ['taskchain ui', 'taskchain ui --port 8123 --no-open', 'taskchain ui --store /mnt/team/tasks --read-only'],
  load: async () => (await import('../commands/ui/ui.js')).ui,
}

export const report: CommandDescription = {
  name: 'report',
  about: 'write the page about one config to one HTML file, to mail or attach; --github: print a summary in Markdown',
  operands: [config],
  options: [
    { flags: '-o, --output <file>', about: "output file; default: the config's name with .html", completes: 'file' },
    { flags: '--against <config>', about: 'config to compare with; default with --github: an earlier run' },
    { flags: '--github', about: 'print Markdown for a pull request: what changed, metrics before and after' },
  ],
  examples: [
    'taskchain report configs/movies.yaml',
    'taskchain report configs/movies.yaml --against configs/old.yaml -o movies.html',
    'taskchain report configs/movies.yaml --github >> $GITHUB_STEP_SUMMARY',
  ],
  load: async () => (await import('../commands/ui/report.js')).report,
}
