import { openChain } from 'taskchain'
import project from './taskchain.config.js'

/** A config is a plain object here; run it twice, with other names, and see what `data/tasks` keeps. */
const chain = await openChain(project, {
  config: { tasks: 'greetings.*', names: ['Grace', 'Ada'], greeting: 'Welcome' },
})

console.log(await chain.value('letter'))
const { state, path } = (await chain.tasks()).find(({ name }) => name === 'letter') ?? {}
console.log(`${state}: ${path}`)
await chain.close()
