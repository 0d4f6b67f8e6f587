import { originOfConfig } from '../../adapters/project/find-config.js'

/** The project's own name for a config given on a command line. */
export const originIn = (root: string, configs: string, given: string): string =>
  originOfConfig(given, { root, configs, workingFolder: root })
