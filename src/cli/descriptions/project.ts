import { config, type CommandDescription } from '../command-description.js'

/** Commands about a project as a whole, and about the shell. */

export const init: CommandDescription = {
  name: 'init',
  about: 'make a small working project, with a test and a file for CI',
  operands: [{ syntax: '[dir]', about: 'where; default: this folder', completes: 'folder' }],
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
        'a draft from configs of the Python library: pipelines, params and classes as skeletons, configs taken over',
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
  about: 'plan every config below a folder and tell all errors and warnings at once',
  operands: [
    { syntax: '[dir]', about: "where to look; default: the project's folder of configs", completes: 'folder' },
  ],
  options: [
    {
      flags: '--format <format>',
      about: 'github: annotations of GitHub Actions; json: as --json; default: text',
      choices: ['text', 'json', 'github'],
    },
    {
      flags: '--all',
      about:
        'also list every config and what it is (fine, wrong, partial, values only), and every place of every problem',
    },
    { flags: '--strict', about: 'warnings fail too' },
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
  about: "a JSON Schema of the project's configs: editors complete names and underline mistakes",
  operands: [],
  options: [
    { flags: '-o, --output <file>', about: 'where to; default: standard output', completes: 'file' },
    { flags: '--contexts', about: 'of contexts instead of configs' },
  ],
  examples: [
    'taskchain schema -o taskchain.schema.json',
    'taskchain schema --contexts -o taskchain.contexts.schema.json',
  ],
  load: async () => (await import('../commands/schema.js')).schema,
}

export const lsp: CommandDescription = {
  name: 'lsp',
  about: 'a language server for configs, over standard input and output: editors start it',
  operands: [],
  options: [
    { flags: '--stdio', about: 'the only way it speaks; for editors that say so' },
    { flags: '--clientProcessId <pid>', about: 'ends when this process does; for editors that say so' },
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
  about: 'a server of the Model Context Protocol, over standard input and output: assistants ask, nothing is computed',
  operands: [],
  options: [],
  examples: ['taskchain mcp', 'taskchain mcp --project pipelines/taskchain.config.ts --store /mnt/team/tasks'],
  load: async () => (await import('../commands/servers/mcp.js')).mcp,
}

export const completion: CommandDescription = {
  name: 'completion',
  about: 'print a script that teaches a shell our commands, options, configs and tasks',
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
  about: 'what a shell may offer next',
  operands: [{ syntax: '[word...]', about: 'the words so far, the last one being written' }],
  options: [],
  examples: [],
  hidden: true,
  verbatim: true,
  load: async () => (await import('../commands/complete.js')).complete,
}

export const ui: CommandDescription = {
  name: 'ui',
  about: 'a page in the browser: chains, values, runs as they go on, history; on this machine alone, until Ctrl-C',
  operands: [],
  options: [
    { flags: '--port <n>', about: 'where to listen; default: any port that is free', whole: 'number' },
    { flags: '--open', about: 'open the browser; default: where a terminal of this machine has a screen' },
    { flags: '--no-open', about: 'open no browser' },
    { flags: '--read-only', about: 'the page starts, forces and deletes nothing' },
  ],
  examples: ['taskchain ui', 'taskchain ui --port 8123 --no-open', 'taskchain ui --store /mnt/team/tasks --read-only'],
  load: async () => (await import('../commands/ui/ui.js')).ui,
}

export const report: CommandDescription = {
  name: 'report',
  about: 'the page about one config as one HTML file, to mail or attach; --github: a summary in Markdown',
  operands: [config],
  options: [
    { flags: '-o, --output <file>', about: "the file; default: the config's name with .html", completes: 'file' },
    { flags: '--against <config>', about: 'compare with this config; default with --github: an earlier run' },
    { flags: '--github', about: 'print Markdown for a pull request: what changed, metrics before and after' },
  ],
  examples: [
    'taskchain report configs/movies.yaml',
    'taskchain report configs/movies.yaml --against configs/old.yaml -o movies.html',
    'taskchain report configs/movies.yaml --github >> $GITHUB_STEP_SUMMARY',
  ],
  load: async () => (await import('../commands/ui/report.js')).report,
}
