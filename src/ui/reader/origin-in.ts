import { originOfConfig } from '../../adapters/project/find-config.js'

/** A config as it was named on a command line, as the project names it. */
export const originIn = (root: string, configs: string, given: string): string =>
  originOfConfig(given, { root, configs, workingFolder: root })
