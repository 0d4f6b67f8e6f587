/** Arguments for node that run a script, TypeScript included, as if some packages were not installed. */
export const without = (packages: readonly string[], script: string): readonly string[] => {
  const hooks = `export const resolve = (specifier, context, next) => {
    if (${JSON.stringify(packages)}.some((name) => specifier === name || specifier.startsWith(name + '/'))) throw Object.assign(new Error("Cannot find package '" + specifier + "'"), { code: 'ERR_MODULE_NOT_FOUND' })
    return next(specifier, context)
  }`
  const register = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hooks))})`
  return ['--import', 'tsx', '--import', dataUrl(register), '--input-type=module', '--eval', script]
}

const dataUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`
