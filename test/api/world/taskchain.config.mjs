export { project as default } from './world.js'
