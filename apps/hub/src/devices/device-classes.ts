/** Device classes: the classes of hardware in the fleet, by the newest inventories. */
import type { DeviceClass } from '@skerry/contract/builds/measurement'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { hardwareClassOf } from '@skerry/core/devices/hardware-class'
import type { Scope } from '@skerry/core/people/scope'
import { isDeviceIn } from '../scopes/scope-rows.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { type DeviceRow, listDevices } from './device-store.ts'

/** Rows that one query reads. */
const SCAN_ROWS = 500

/** Names of devices that stand for a class. */
const EXAMPLES_MAX = 3

/** The classes of the devices that the caller may see, largest first. Devices without a report have no class. */
export async function deviceClasses(
  db: Db,
  { organisationId, scope }: { organisationId: OrganisationId; scope: Scope | undefined },
): Promise<DeviceClass[]> {
  const names = new Map<string | undefined, { devices: number; examples: string[] }>()
  let after: string | undefined
  do {
    const page = await listDevices(db, { organisationId, limit: SCAN_ROWS, after })
    for (const row of page.filter((each) => isDeviceIn(scope, each))) {
      const key = classOfRow(row)
      const group = names.get(key) ?? { devices: 0, examples: [] }
      group.devices += 1
      if (group.examples.length < EXAMPLES_MAX) group.examples.push(row.name)
      names.set(key, group)
    }
    after = page.length === SCAN_ROWS ? page.at(-1)?.name : undefined
  } while (after !== undefined)
  return [...names]
    .map(([hardwareClass, group]) => ({ ...(hardwareClass !== undefined && { hardwareClass }), ...group }))
    .toSorted((one, other) => other.devices - one.devices)
}

/** The class of a device by its newest inventory; undefined if it is unknown. */
export const classOfRow = ({ inventory }: Pick<DeviceRow, 'inventory'>): string | undefined =>
  inventory === null ? undefined : hardwareClassOf(fromJson(inventory))

/** The same for one device, in any organisation. */
export async function classOfDevice(db: Db, id: DeviceId): Promise<string | undefined> {
  const row = await db.selectFrom('device_reports').select('inventory').where('device_id', '=', id).executeTakeFirst()
  return row && classOfRow(row)
}
