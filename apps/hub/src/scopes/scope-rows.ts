/** Scope rows: the rows of a list in the caller's scope. */

import type { Site } from '@skerry/contract/sites/site'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Scope } from '@skerry/core/people/scope'
import { type DeviceRow, findDevices, listDevices } from '../devices/device-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

/** Whether the device is in the scope; without a scope every device is. */
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

/** Rows that one query reads. Judging one takes some 20 us. */
const SCAN_ROWS = 500

type Wish = { db: Db; organisationId: OrganisationId; scope: Scope | undefined }

/** Whether the site is in the scope by itself, or has a device that is. */
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

/** The devices among these that are in the scope. At most as many as one statement allows. */
export async function devicesIn(
  db: Db,
  { organisationId, scope }: { organisationId: OrganisationId; scope: Scope },
  ids: ReadonlySet<DeviceId>,
): Promise<ReadonlySet<DeviceId>> {
  const rows = await findDevices(db, organisationId, [...ids])
  return new Set(rows.filter((row) => isDeviceIn(scope, row)).map(({ id }) => id))
}

type Place<After> = { limit: number; after: After | undefined }

/**
 * One page of visible rows: it reads further pages until it has enough. Only a visible row marks the end of a page, so
 * that `next` shows no row outside the scope.
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
