import type { LoadedProject } from '../../adapters/project/project-file.js'

/** The configs of a project as commands take them: below its folder of configs, without extension. */
export const configNames = async ({ project, root }: LoadedProject): Promise<readonly string[]> => {
  const { fileSource } = await import('../../adapters/project/config-files.js')
  const origins = await fileSource(root).list(project.configs)
  const prefix = `${project.configs.replace(/^\.\//, '').replace(/\/+$/, '')}/`
  return origins.map((origin) =>
    (origin.startsWith(prefix) ? origin.slice(prefix.length) : origin).replace(/\.(ya?ml|json)$/, ''),
  )
}
