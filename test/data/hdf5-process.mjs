// A chain whose task appends to an HDF5 file until it has all rows, or is killed: node hdf5-process.mjs FOLDER ROWS
import { defineProject, defineTask, openChain } from 'taskchain'
import { hdf5 } from 'taskchain/data'

const [folder = '', rows = '0'] = process.argv.slice(2)

const training = defineTask({ data: hdf5() }).run(async (_, { file }) => {
  const losses = await file.dataset('train/loss', { columns: ['epoch', 'loss'] })
  const seen = await file.dataset('seen', { dtype: 'bigint64', compression: true })
  process.stdout.write(`from ${losses.length} ${seen.length}\n`)
  for (let row = losses.length; row < Number(rows); row++) {
    losses.append([row, row / 2])
    if (seen.length <= row) seen.append([BigInt(row) ** 3n])
    if (row % 3 === 2) {
      file.flush()
      process.stdout.write(`flushed ${row + 1}\n`)
    }
  }
})

const chain = await openChain(defineProject({ root: folder, pipelines: { work: { training } } }), { config: { tasks: 'work.*' }, store: `${folder}/store` })
process.stdout.write(`done ${(await chain.value(training)).path}\n`)
await chain.close()
