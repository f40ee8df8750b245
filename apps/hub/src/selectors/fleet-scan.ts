/** Fleet scan: every device of an organisation, page by page, with a breath between two pages, so that a question never holds up the hub. */
import { setImmediate as breathe } from 'node:timers/promises'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Scope } from '@skerry/core/people/scope'
import type { SelectorFacts } from '@skerry/core/selectors/selector'
import { type DeviceRow, factsOf, listDevices } from '../devices/device-store.ts'
import { isDeviceIn } from '../scopes/scope-rows.ts'
import type { Db } from '../store/store.ts'

/** Rows between two breaths: some 20 ms of work at most. */
const PAGE_ROWS = 250

export type ScannedDevice = { row: DeviceRow; facts: SelectorFacts }

/** The devices by name, of the scope where there is one. Not inside a transaction: others have their turn between two pages. */
export async function* scanFleet(
  db: Db,
  organisationId: OrganisationId,
  nowMs: number,
  scope?: Scope,
): AsyncGenerator<ScannedDevice> {
  let after: string | undefined
  while (true) {
    const rows = await listDevices(db, { organisationId, limit: PAGE_ROWS, after })
    for (const row of rows) {
      if (isDeviceIn(scope, row)) yield { row, facts: factsOf(row, nowMs) }
    }
    if (rows.length < PAGE_ROWS) return
    after = rows.at(-1)?.name
    await breathe()
  }
}
