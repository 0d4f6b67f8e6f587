import * as t from 'io-ts'
import { readFile } from 'node:fs/promises'
import { defineTask, file, param } from 'taskchain'
import { jsonLines, text } from 'taskchain/data'
import { python } from 'taskchain/programs'

const Raw = t.array(
  t.type({
    Name: t.string,
    Year: t.string,
    Miles_per_Gallon: t.union([t.number, t.null]),
    Horsepower: t.union([t.number, t.null]),
    Weight_in_lbs: t.number,
  }),
)
const Car = t.type({ name: t.string, year: t.number, milesPerGallon: t.number, horsepower: t.number, weight: t.number })
const Model = t.type({
  weights: t.record(t.string, t.number),
  rootMeanSquare: t.type({ train: t.number, test: t.number }),
  cars: t.type({ train: t.number, test: t.number }),
})

/** Cars without missing values, which a model can be fitted to. */
export const cleaned = defineTask({ params: { source: file }, data: jsonLines(Car) }).run(async function* (
  { source },
  { note },
) {
  const all: unknown = JSON.parse(await readFile(source, 'utf8'))
  if (!Raw.is(all)) throw new TypeError(`${source} is not what it was`)
  let dropped = 0
  for (const { Name, Year, Miles_per_Gallon, Horsepower, Weight_in_lbs } of all) {
    if (Miles_per_Gallon === null || Horsepower === null) dropped++
    else
      yield {
        name: Name,
        year: Number(Year.slice(0, 4)),
        milesPerGallon: Miles_per_Gallon,
        horsepower: Horsepower,
        weight: Weight_in_lbs,
      }
  }
  note({ dropped })
})

/** A ridge regression in NumPy. The interpreter does not affect the result, so it is not in the key. */
export const model = python({
  inputs: { cars: cleaned },
  params: {
    features: param(t.array(t.string), { default: ['year', 'horsepower', 'weight'] }),
    l2: param(t.number, { default: 1 }),
    interpreter: param(t.string, { default: 'python3', ignorePersistence: true }),
  },
  python: ({ params }) => params.interpreter,
  function: 'models/ridge.py:fit',
  data: Model,
})

/** For display. */
export const report = defineTask({ inputs: { model }, data: text() }).run(
  ({ model: { weights, rootMeanSquare, cars } }) =>
    [
      `Fitted to ${cars.train} cars, tried on ${cars.test} others.`,
      `Off by ${rootMeanSquare.train.toFixed(2)} and ${rootMeanSquare.test.toFixed(2)} miles per gallon.`,
      ...Object.entries(weights).map(([name, weight]) => `  ${name.padEnd(12)} ${weight.toFixed(2)}`),
    ].join('\n'),
)
