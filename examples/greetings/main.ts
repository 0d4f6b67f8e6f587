import { openChain } from 'taskchain'
import project from './taskchain.config.js'

/** Here the config is a plain object; run it twice, with different names, and see what is stored in `data/tasks`. */
const chain = await openChain(project, {
  config: { tasks: 'greetings.*', names: ['Grace', 'Ada'], greeting: 'Welcome' },
})

console.log(await chain.value('letter'))
const { state, path } = (await chain.tasks()).find(({ name }) => name === 'letter') ?? {}
console.log(`${state}: ${path}`)
await chain.close()
