// The installed package: its size, its contents, and that none of it runs on installation.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { install, succeeds, write, type Check } from './site.js'

const most = 1_500_000
const folders = /^package\/(?:dist|docs|examples)\/|^package\/(?:package\.json|LICENSE|(?:README|SECURITY|CHANGELOG)\.md)$/
const developers = /\.map$|\.tsbuildinfo$|\.vitepress|\/dist\/.*(?:\.test\.|(?<!\.d)\.ts$)|\/__pycache__\/|\/data\/tasks\//

export const tarballChecks: readonly Check[] = [
  {
    name: 'the tarball is below 1.5 MB, with the page and without files of development',
    short: true,
    run: async ({ folder, tarball }) => {
      const { size } = statSync(tarball)
      assert.ok(size < most, `${size} bytes`)
      const files = (await succeeds(folder('tarball'), 'tar', ['-tzf', tarball])).trim().split('\n')
      const isTemplate = (file: string): boolean => file.startsWith('package/dist/templates/')
      assert.deepEqual(
        files.filter((file) => !folders.test(file) || (developers.test(file) && !isTemplate(file))),
        [],
      )
      for (const part of ['package/dist/page/index.html', 'package/docs/llms.txt', 'package/dist/cli/main.js'])
        assert.ok(files.includes(part), `${part} is missing`)
    },
  },
  {
    name: 'no package that comes with it has a script that runs while it is installed',
    short: true,
    run: async ({ folder, tarball }) => {
      const place = folder('scripts')
      write(place, { 'package.json': '{}' })
      await install(place, [tarball])
      const { packages } = JSON.parse(readFileSync(join(place, 'package-lock.json'), 'utf8')) as {
        readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>
      }
      const withScript = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript === true)
      assert.deepEqual(withScript, [])
      assert.ok(readdirSync(join(place, 'node_modules')).length > 10)
    },
  },
]
