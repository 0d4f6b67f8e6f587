import { DuckDBInstance } from '@duckdb/node-api'

/** What DuckDB, in memory, answers to statements; the last one's names, types and rows. */
export const duck = async (
  ...statements: readonly string[]
): Promise<readonly [names: string[], types: string[], rows: unknown[][]]> => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    for (const statement of statements.slice(0, -1)) await connection.run(statement)
    const reader = await connection.runAndReadAll(statements.at(-1) as string)
    return [reader.columnNames(), reader.columnTypes().map(String), reader.getRows()]
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
