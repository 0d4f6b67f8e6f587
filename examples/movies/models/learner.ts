/**
 * A method to learn ratings from features. It is stateless: what it learns is a plain JSON value that is passed back to
 * it for predictions, so that a trained model can be stored in files. Rows are films; values are scaled, none are
 * unknown.
 */
export interface Learner<Learnt = unknown> {
  learn(rows: readonly number[][], ratings: readonly number[]): Learnt
  predict(learnt: Learnt, rows: readonly number[][]): number[]
}
