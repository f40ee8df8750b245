/** 0040: the requests, errors and latency of models over time. */
import type { Kysely } from 'kysely'
import { ofDevice, ofOrganisation, required } from '../0001/columns.ts'

const count = (name: string) => ({ name, type: 'bigint' as const })

export async function trafficTables(db: Kysely<unknown>): Promise<void> {
  let counters = db.schema
    .createTable('traffic_counters')
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('model', 'text', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('version', 'integer', required)
    .addColumn('boot_id', 'text', required)
    .addColumn('restarts', 'integer', required)
    .addColumn('at_ms', 'bigint', required)
  for (const { name, type } of COUNTS) counters = counters.addColumn(name, type, required)
  await counters
    .addColumn('latency', 'text')
    .addPrimaryKeyConstraint('traffic_counters_key', ['device_id', 'model'])
    .execute()
  await db.schema
    .createIndex('traffic_counters_by_organisation')
    .on('traffic_counters')
    .columns(['organisation_id'])
    .execute()
  let parts = db.schema
    .createTable('traffic_parts')
    // Empty for the sum of all devices, which outlives each of them.
    .addColumn('device_id', 'text', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('model', 'text', required)
    .addColumn('start_ms', 'bigint', required)
    .addColumn('step_ms', 'integer', required)
    .addColumn('version', 'integer', required)
  for (const { name, type } of COUNTS) parts = parts.addColumn(name, type, required)
  await parts
    .addColumn('latency', 'text')
    .addColumn('slowest', 'text')
    .addColumn('slowest_us', 'bigint')
    .addPrimaryKeyConstraint('traffic_parts_key', [
      'device_id',
      'organisation_id',
      'model',
      'start_ms',
      'step_ms',
      'version',
    ])
    .execute()
  // The sweep merges the parts of one length that are old enough.
  await db.schema.createIndex('traffic_parts_by_step').on('traffic_parts').columns(['step_ms', 'start_ms']).execute()
  await db.schema
    .createIndex('traffic_parts_by_organisation')
    .on('traffic_parts')
    .columns(['organisation_id'])
    .execute()
}

const COUNTS = ['requests', 'failures', 'dropped'].map(count)
