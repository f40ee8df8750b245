/** Telemetry sweep: removes what is too old, and the oldest hours of an organisation that has more than it may, in pieces. */

import { TELEMETRY_AGE_MAX_MS, TELEMETRY_VALUES_MAX } from '@skerry/contract/hub/telemetry'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { sql } from 'kysely'
import type { Hub } from '../hub.ts'

const HOUR_MS = 3_600_000

/** Some 20 ms of the one writer that all others wait for. */
const ROWS_AT_ONCE = 1_000

type Limits = { valuesMax: number; ageMaxMs: number }

/** Gives how many values were removed. */
export async function sweepTelemetry(
  hub: Pick<Hub, 'store' | 'clock' | 'signal'>,
  { valuesMax, ageMaxMs }: Limits = { valuesMax: TELEMETRY_VALUES_MAX, ageMaxMs: TELEMETRY_AGE_MAX_MS },
): Promise<number> {
  const oldest = Math.floor((hub.clock.nowMs() - ageMaxMs) / HOUR_MS)
  const hours = await hub.store.db
    .selectFrom('telemetry_hours')
    .selectAll()
    .orderBy('organisation_id')
    .orderBy('hour', 'desc')
    .execute()
  let removed = 0
  let organisationId = ''
  let kept = 0
  for (const { organisation_id, hour, count } of hours) {
    if (organisation_id !== organisationId) kept = 0
    organisationId = organisation_id
    kept += count
    // Newest first: from the hour on that does not fit any more, all go.
    if (hour < oldest || kept > valuesMax) removed += await removeHour(hub, organisation_id, hour)
  }
  return removed
}

async function removeHour(
  { store, signal }: Pick<Hub, 'store' | 'signal'>,
  organisationId: OrganisationId,
  hour: number,
): Promise<number> {
  for (let removed = 0; ; ) {
    signal.throwIfAborted()
    const count = await store.transaction(async (tx) => {
      const { rows } = await sql<{ sequence: number }>`
        delete from telemetry where (device_id, signal, at_ms, stream, lane, sequence) in (
          select device_id, signal, at_ms, stream, lane, sequence from telemetry
          where organisation_id = ${organisationId} and hour = ${hour} limit ${ROWS_AT_ONCE}
        ) returning sequence`.execute(tx)
      if (rows.length < ROWS_AT_ONCE) {
        await tx
          .deleteFrom('telemetry_hours')
          .where('organisation_id', '=', organisationId)
          .where('hour', '=', hour)
          .execute()
      }
      return rows.length
    })
    removed += count
    if (count < ROWS_AT_ONCE) return removed
  }
}
