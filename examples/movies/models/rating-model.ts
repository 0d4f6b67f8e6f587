import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Matrix } from '../matrix.js'
import type { Learner } from './learner.js'
import { fitScaler, scaled, type Scaler } from './scaler.js'

/** A trained model: a learner, what it learnt, and how features are scaled for it. */
export class RatingModel {
  readonly #learner: Learner
  readonly #scaler: Scaler
  readonly #learnt: unknown

  constructor(learner: Learner, scaler: Scaler, learnt: unknown) {
    this.#learner = learner
    this.#scaler = scaler
    this.#learnt = learnt
  }

  static train(learner: Learner, x: Matrix, ratings: readonly number[]): RatingModel {
    const scaler = fitScaler(x)
    return new RatingModel(learner, scaler, learner.learn(scaled(scaler, x), ratings))
  }

  /** Saves everything but the learner to files. */
  async save(directory: string): Promise<void> {
    await writeFile(join(directory, 'scaler.json'), JSON.stringify(this.#scaler))
    await writeFile(join(directory, 'learnt.json'), JSON.stringify(this.#learnt))
  }

  /** Loads the model that `save` has stored. */
  static async load(learner: Learner, directory: string): Promise<RatingModel> {
    const [scaler, learnt] = await Promise.all(
      ['scaler.json', 'learnt.json'].map((file) => readFile(join(directory, file), 'utf8')),
    )
    return new RatingModel(learner, JSON.parse(scaler ?? ''), JSON.parse(learnt ?? ''))
  }

  /** A rating for each film. */
  predict(x: Matrix): number[] {
    return this.#learner.predict(this.#learnt, scaled(this.#scaler, x))
  }
}
