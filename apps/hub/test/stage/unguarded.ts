/** Unguarded: the database of a hub as somebody has it who may do anything with it, and has dropped what guards the audit trail. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestHub } from './running-hub.ts'

export function openUnguarded({ data }: Pick<TestHub, 'data'>): DatabaseSync {
  const database = new DatabaseSync(join(data, 'hub.sqlite'))
  const guards = database.prepare(`select name from sqlite_master where type = 'trigger' and name like 'audit%'`).all()
  for (const { name } of guards) database.exec(`drop trigger ${String(name)}`)
  return database
}
