export type Shape = 'layered' | 'namespaces'
export function inputsOf(index: number, width: number): readonly number[]
export function tasksOf(shape: Shape, count: number): number
export function widthOf(tasks: number): number
export function namespacesOf(shape: Shape, count: number): readonly string[]
export function pipelineOf(index: number): string
export function valueOf(inputs: readonly number[], amount: number, label: string): number
export function configsOf(shape: Shape, count: number): Readonly<Record<string, string>>
