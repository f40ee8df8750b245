/** Ledger store: the identity of this database, how far it has got, and the trouble that was found with its model files. */

import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Store, Tx } from '../store/store.ts'
import { ONLY } from '../store/tables/hub-tables.ts'
import type { FileTrouble, HubLedgerTable } from '../store/tables/ledger-tables.ts'

/** The row, which the first hub of the database makes. */
export function databaseRow(store: Store, newId: () => string): Promise<HubLedgerTable> {
  return store.transaction(async (tx) => {
    const known = await findDatabaseRow(tx)
    if (known) return known
    const row: HubLedgerTable = { id: ONLY, database_id: newId(), sequence: 0, restored_at_ms: null, trouble: null }
    await tx.insertInto('hub_ledger').values(row).execute()
    return row
  })
}

export const findDatabaseRow = (db: Db): Promise<HubLedgerTable | undefined> =>
  db.selectFrom('hub_ledger').selectAll().where('id', '=', ONLY).executeTakeFirst()

/** Raises the number of the database, above `least` too; gives the new one. */
export async function raiseSequence(tx: Tx, least = 0): Promise<number> {
  const row = await findDatabaseRow(tx)
  const sequence = Math.max(row?.sequence ?? 0, least) + 1
  await tx.updateTable('hub_ledger').set({ sequence }).where('id', '=', ONLY).execute()
  return sequence
}

/** What is wrong with the model files; undefined if nothing is known to be. */
export async function fileTrouble(db: Db): Promise<FileTrouble | undefined> {
  const row = await findDatabaseRow(db)
  return row?.trouble ? fromJson(row.trouble) : undefined
}

/** Keeps the trouble, since when it is so, or that it is over. Writes nothing if nothing changed. */
export async function setFileTrouble(store: Store, found: Omit<FileTrouble, 'sinceMs'> | undefined, nowMs: number) {
  const before = await fileTrouble(store.db)
  if (!before && !found) return
  const trouble = found && { ...found, sinceMs: before?.kind === found.kind ? before.sinceMs : nowMs }
  if (JSON.stringify(trouble) === JSON.stringify(before)) return
  const text = trouble ? toJson(trouble) : null
  await store.transaction((tx) => tx.updateTable('hub_ledger').set({ trouble: text }).where('id', '=', ONLY).execute())
}
