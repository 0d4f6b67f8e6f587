import type { ConfigSource } from '../../src/runtime/ports/config-source.js'

/** Configs in memory, by origin. */
export const objectSource = (texts: Readonly<Record<string, string>>): ConfigSource => ({
  read: (origin) => Promise.resolve(Object.hasOwn(texts, origin) ? texts[origin] : undefined),
  list: (folder) =>
    Promise.resolve(
      Object.keys(texts)
        .filter(
          (origin) =>
            /\.(?:ya?ml|json)$/i.test(origin) && (folder === '' || folder === '.' || origin.startsWith(`${folder}/`)),
        )
        .sort(),
    ),
})
