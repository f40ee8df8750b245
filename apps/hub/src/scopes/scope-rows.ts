/** Scope rows: what of a list lies in the caller's scope. */

import type { Site } from '@skerry/contract/sites/site'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Scope } from '@skerry/core/people/scope'
import { type DeviceRow, listDevices } from '../devices/device-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

/** Whether the device lies in the scope; without one everything does. */
export function isDeviceIn(scope: Scope | undefined, row: DeviceRow): boolean {
  if (!scope) return true
  return scope.holds({
    device: { id: row.id, name: row.name, labels: fromJson(row.labels) },
    site: {
      name: row.site,
      kind: row.site_kind,
      labels: fromJson(row.site_labels),
      clearance: row.site_clearance,
      country: row.site_country ?? undefined,
      region: row.site_region ?? undefined,
    },
  })
}

/** Rows that are looked at in one go; each costs some 20 us to judge. */
const SCAN_ROWS = 500

type Wish = { db: Db; organisationId: OrganisationId; scope: Scope | undefined }

/** Whether the site lies in the scope by itself, or has a device that does. */
export async function isSiteIn({ db, organisationId, scope }: Wish, site: Site): Promise<boolean> {
  const { name, kind, country, region, labels, clearance } = site
  if (!scope || scope.holdsSite({ name, kind, country, region, labels, clearance })) return true
  let after: string | undefined
  while (true) {
    const rows = await listDevices(db, { organisationId, limit: SCAN_ROWS, after, site: name })
    if (rows.some((row) => isDeviceIn(scope, row))) return true
    if (rows.length < SCAN_ROWS) return false
    after = rows.at(-1)?.name
  }
}

type Place<After> = { limit: number; after: After | undefined }

/**
 * One page of what is visible: page after page is fetched until so many rows are. Where a page ends is told by a visible row only, so that
 * nothing outside shows in `next`.
 */
export async function visibleRows<Row, After>(
  { limit, after }: Place<After>,
  fetch: (place: Place<After>) => Promise<Row[]>,
  { keyOf, isVisible }: { keyOf(row: Row): After; isVisible(row: Row): boolean | Promise<boolean> },
): Promise<Row[]> {
  const visible: Row[] = []
  let from = after
  while (true) {
    const rows = await fetch({ limit, after: from })
    for (const row of rows) {
      if (await isVisible(row)) visible.push(row)
      if (visible.length === limit) return visible
    }
    const last = rows.at(-1)
    if (rows.length < limit || last === undefined) return visible
    from = keyOf(last)
  }
}
