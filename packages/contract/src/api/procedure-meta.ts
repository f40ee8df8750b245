/** Procedure meta: the table's entry for the procedure of a name, such as `site.apply`. */
import { api } from '../api.ts'
import type { ProcedureMeta } from './procedure.ts'

const metas: ReadonlyMap<string, ProcedureMeta> = new Map(
  Object.entries(api).flatMap(([noun, group]) =>
    Object.entries(group).map(([verb, procedure]): [string, ProcedureMeta] => [
      `${noun}.${verb}`,
      procedure['~orpc'].meta,
    ]),
  ),
)

/** Undefined if there is no procedure of this name: the name may come from a record of another version. */
export const procedureMeta = (name: string): ProcedureMeta | undefined => metas.get(name)
