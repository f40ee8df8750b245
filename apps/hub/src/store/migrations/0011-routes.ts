/** 0011: routes, and the gateways that serve them. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from './0001/columns.ts'

export async function routeTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('routes')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('model', 'text', required)
    .addColumn('spec', 'text', required)
    .addColumn('revision', 'integer', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('changed_at_ms', 'bigint', required)
    .addColumn('changed_by', 'text', required)
    .addPrimaryKeyConstraint('routes_key', ['organisation_id', 'name'])
    .execute()
  await db.schema
    .createTable('gateways')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('site', 'text')
    .addColumn('url', 'text')
    .addColumn('seen_at_ms', 'bigint', required)
    .addColumn('report', 'text')
    .addPrimaryKeyConstraint('gateways_key', ['organisation_id', 'name'])
    .execute()
}
