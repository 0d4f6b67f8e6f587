/**
 * A way to learn ratings from features. It has no memory: what it learns is a plain JSON value that it gets back for predicting,
 * so that a trained model can be kept as files. Rows are films; values are scaled, nothing is unknown.
 */
export interface Learner<Learnt = unknown> {
  learn(rows: readonly number[][], ratings: readonly number[]): Learnt
  predict(learnt: Learnt, rows: readonly number[][]): number[]
}
