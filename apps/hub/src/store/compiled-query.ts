/**
 * Compiled query: a query of one parameter, whose text is built at its first use. Building a query costs several times
 * as much as SQLite needs for a row by its key. So queries that run for each device and message are compiled once.
 */
import type { Compilable, CompiledQuery } from 'kysely'
import type { Db } from './store.ts'

/** Stands for the parameter while the text is built. No query has it as a constant. */
const PLACEHOLDER = 'the parameter of a compiled query'

type Build<Row> = (db: Db, parameter: string) => Compilable<Row>

/** The first row of the query for a parameter. The query must use its parameter exactly once, and no other value. */
export function compileFirst<Row>(build: Build<Row>): (db: Db, parameter: string) => Promise<Row | undefined> {
  const rowsOf = compileRows(build)
  return async (db, parameter) => (await rowsOf(db, parameter))[0]
}

/** The same, with all rows. */
export function compileRows<Row>(build: Build<Row>): (db: Db, parameter: string) => Promise<Row[]> {
  // A text belongs to a dialect: tests use SQLite and PostgreSQL in one process. A transaction has its store's adapter.
  const known = new WeakMap<object, CompiledQuery<Row>>()
  return async (db, parameter) => {
    const { adapter } = db.getExecutor()
    const query = known.get(adapter) ?? compile(build(db, PLACEHOLDER))
    known.set(adapter, query)
    const bound: CompiledQuery<Row> = { ...query, parameters: [parameter] }
    const { rows } = await db.executeQuery<Row>(bound)
    return rows
  }
}

function compile<Row>(built: Compilable<Row>): CompiledQuery<Row> {
  const query = built.compile()
  if (query.parameters.length === 1 && query.parameters[0] === PLACEHOLDER) return query
  throw new Error(`a compiled query has one parameter, and this one has others: ${query.sql}`)
}
