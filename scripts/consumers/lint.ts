// typescript-eslint's strictest type-aware rules find nothing in the code of README, guide and templates.
import assert from 'node:assert/strict'
import { ended, write, type Check } from './site.js'
import { samples } from './types.js'

const config = `import tseslint from 'typescript-eslint'
export default tseslint.config(
  { files: ['**/*.ts'], extends: [tseslint.configs.strictTypeChecked], languageOptions: { parserOptions: { project: './tsconfig.nodenext.json', tsconfigRootDir: import.meta.dirname } } },
  { ignores: ['**/*.js', '**/*.mjs'] },
)
`

export const lintChecks: readonly Check[] = [
  {
    name: "typescript-eslint's strictTypeChecked is silent on README, guide and templates",
    short: false,
    run: async (site) => {
      const folder = await samples(site)
      const eslint = await site.tool(['eslint@9', 'typescript-eslint@8', 'typescript@5.9'], 'eslint/bin/eslint.js')
      write(folder, { 'eslint.config.mjs': config.replace("'typescript-eslint'", JSON.stringify(eslint.replace('eslint/bin/eslint.js', 'typescript-eslint/dist/index.js'))) })
      const { output } = await ended(folder, process.execPath, [eslint, '.'])
      assert.ok(output.trim() === '', output)
    },
  },
]
