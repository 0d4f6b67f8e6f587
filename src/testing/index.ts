/** Public entry `taskchain/testing`: tests of tasks and chains without files. */
export { checkFormat, type FormatCases } from '../data/check-format.js'
export { planOf, type PlanOfSpec } from './plan-of.js'
export { inspectTask, testTask, type Inspected, type TestTaskOptions } from './test-task.js'
export { mock, testChain, type Mock, type TestChain, type TestChainSpec } from './test-chain.js'
