/** Device failures: the failed version on each of a few devices, and the versions that serve there. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { FailureFact } from '@skerry/core/alerts/alert-facts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { DeviceItemTable } from '../store/tables/foundation-tables.ts'

/** By the name of the device. A failure without a version in its place comes before one with it. */
export async function failuresOn(
  db: Db,
  organisationId: OrganisationId,
  devices: readonly string[],
): Promise<ReadonlyMap<string, FailureFact>> {
  if (devices.length === 0) return new Map()
  const rows = await db
    .selectFrom('devices')
    .innerJoin('device_items', 'device_items.device_id', 'devices.id')
    .leftJoin('deployments', 'deployments.id', 'device_items.deployment_id')
    .select(['devices.name as device', 'deployments.name as deployment'])
    .select([
      'device_items.name',
      'device_items.state',
      'device_items.target_version',
      'device_items.serving_version',
      'device_items.cause',
    ])
    .where('devices.organisation_id', '=', organisationId)
    .where('devices.name', 'in', devices)
    .orderBy('device_items.name')
    .execute()
  const failures = new Map<string, FailureFact>()
  for (const device of new Set(devices)) {
    const items = rows.filter((row) => row.device === device)
    const failed = items.filter(({ state }) => state === 'failed')
    const worst = failed.find(({ serving_version }) => serving_version === null) ?? failed[0]
    if (worst) failures.set(device, failureOf(worst, items))
  }
  return failures
}

type Row = Pick<DeviceItemTable, 'name' | 'target_version' | 'serving_version' | 'cause'> & {
  deployment: string | null
}

function failureOf(row: Row, items: readonly Row[]): FailureFact {
  const cause = row.cause === null ? undefined : fromJson(row.cause)
  const others = items.flatMap(({ name, serving_version }) =>
    name === row.name || serving_version === null ? [] : [`${name}:${serving_version}`],
  )
  return {
    model: row.name,
    version: row.target_version,
    code: cause?.code ?? 'unknown',
    message: cause?.message ?? '',
    ...(cause?.remembered && { remembered: true }),
    ...(row.serving_version !== null && { serving: row.serving_version }),
    others,
    ...(row.deployment !== null && { deployment: row.deployment }),
  }
}
