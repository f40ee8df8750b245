/** 0008: devices of a rollout are counted in groups by its budget, and asked again when they failed. */
import type { Kysely } from 'kysely'

/** A rollout of before has neither, so its devices need no group and have no try. */
export async function pace(db: Kysely<unknown>): Promise<void> {
  const members = () => db.schema.alterTable('rollout_members')
  await members()
    .addColumn('budget_group', 'text', (column) => column.notNull().defaultTo(''))
    .execute()
  await members()
    .addColumn('retries', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await members().addColumn('retry_at_ms', 'bigint').execute()
}
