// For runs by the command line: signals are handled there.
export { project as default } from './chain.mjs'
