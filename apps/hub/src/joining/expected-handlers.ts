/** Procedures on devices that are expected. */
import type { ExpectedDeviceSpec } from '@skerry/contract/devices/expected-device'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { findSite } from '../sites/site-store.ts'
import { toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import {
  type ExpectedRow,
  expectedOf,
  findAnnounced,
  insertExpected,
  listExpected,
  removeExpected,
} from './expected-store.ts'

export const expectedHandlers = {
  add: os.expected.add.handler(({ context, input: { devices } }) =>
    context.change(async (tx, note) => {
      const { hub, organisationId, caller } = context
      const rows: ExpectedRow[] = []
      for (const spec of devices) {
        const site = await expectable(tx, organisationId, spec)
        const row = {
          id: hub.ids.expected(),
          organisation_id: organisationId,
          site_id: site.id,
          serial: spec.serial ?? null,
          key_fingerprint: spec.keyFingerprint ?? null,
          name: spec.name ?? null,
          labels: toJson(spec.labels),
          created_by: caller.name,
          created_at_ms: hub.clock.nowMs(),
          device_id: null,
          joined_at_ms: null,
        }
        await insertExpected(tx, row)
        rows.push({ ...row, site: site.name, device: null })
      }
      note.object.id = rows.length === 1 ? (rows[0]?.id ?? '') : ''
      note.detail = { count: rows.length, devices: devices.slice(0, NAMED_MAX) }
      return { devices: rows.map(expectedOf) }
    }),
  ),
  list: os.expected.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const rows = await listExpected(hub.store.db, { organisationId, limit: limit + 1, after })
    return pageFrom(rows.map(expectedOf), limit, ({ id }) => id)
  }),
  remove: os.expected.remove.handler(({ context, input: { expected: id } }) =>
    context.change(async (tx, note) => {
      const row = await removeExpected(tx, { organisationId: context.organisationId, id })
      if (!row) throw problem('expected_unknown')
      note.detail = { serial: row.serial, keyFingerprint: row.key_fingerprint, site: row.site }
      return {}
    }),
  ),
}

/** An audit record is no list; what was announced can be listed. */
const NAMED_MAX = 20

async function expectable(
  tx: Tx,
  organisationId: OrganisationId,
  { site: name, serial, keyFingerprint }: ExpectedDeviceSpec,
) {
  const known = await findAnnounced(tx, { organisationId, serial, keyFingerprint })
  if (known) {
    const what = known.serial !== null && known.serial === serial ? `serial number ${serial}` : `key ${keyFingerprint}`
    throw problem('expected_exists', `a device with the ${what} is on the list already, as ${known.id}`)
  }
  const site = await findSite(tx, organisationId, name)
  if (!site) throw problem('site_unknown', `there is no site ${name}; "skerry site ls" lists them`)
  return site
}
