/** All pages in the order in which they are read: for the site, `llms.txt` and the test that none is forgotten. */
export const pages = [
  {
    title: 'Start',
    pages: [
      ['five-minutes', 'Five minutes'],
      ['concepts', 'Concepts'],
      ['when-to-use', 'Why, and when something else'],
      ['from-python', 'Coming from Python TaskChain'],
      ['cheat-sheet', 'Cheat sheet'],
    ],
  },
  {
    title: 'Guide',
    pages: [
      ['tasks', 'Tasks'],
      ['inputs', 'Inputs'],
      ['params', 'Parameters, files, secrets'],
      ['objects', 'Parameter objects'],
      ['config-files', 'Configs in full'],
      ['configs', 'Which value is in force'],
      ['formats', 'Data formats'],
      ['chains', 'Chains in code'],
      ['content', 'Content: stale, adopted, forced'],
      ['renaming', 'Renaming tasks and params'],
      ['sources', 'Sources that change'],
      ['code-drift', 'Results of older code'],
      ['sweep', 'Sweeps'],
      ['testing', 'Testing'],
      ['items', 'Items: calls that are paid for'],
      ['commands', 'Commands and Python'],
      ['typescript', 'How TypeScript is loaded'],
    ],
  },
  {
    title: 'Look',
    pages: [
      ['why', 'Why is it computed again?'],
      ['diff', 'Two configs compared'],
      ['check', 'All configs at once'],
      ['history', 'History of runs'],
      ['ui', 'The page, and reports'],
      ['terminal', 'In the terminal'],
      ['schema', 'Completion in editors'],
    ],
  },
  {
    title: 'Scale and share',
    pages: [
      ['workers', 'Threads and processes'],
      ['queue', 'Other machines'],
      ['scheduling', 'Scheduling'],
      ['stores', 'Shared stores'],
      ['gc', 'Keeping the store small'],
      ['promises', 'What is promised'],
      ['promises-fuzz', 'Hostile input'],
    ],
  },
  {
    title: 'Recipes',
    pages: [
      ['recipes/ml-experiment', 'Machine learning experiment'],
      ['recipes/llm-evaluation', 'Evaluate a language model'],
      ['recipes/scraping', 'Scraping'],
      ['recipes/feature-store', 'Features of many models'],
      ['recipes/monorepo', 'Monorepo'],
      ['recipes/ci-shared-store', 'CI with a shared store'],
      ['recipes/costly-value', 'A value that is costly to load'],
      ['example-fleet', 'Example: a fleet'],
    ],
  },
  {
    title: 'Reference',
    pages: [
      ['reference/api/index', 'API'],
      ['reference/command-line', 'Command line'],
      ['reference/errors', 'Errors'],
      ['glossary', 'Glossary'],
    ],
  },
  {
    title: 'How it works',
    pages: [
      ['how-it-works', 'Keys, commits, leases, scheduler'],
      ['internals/the-catalog', 'The catalog'],
      ['internals/a-store-of-your-own', 'A store of your own'],
    ],
  },
]
