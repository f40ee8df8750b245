/** Join labels: finds the rows of labels that became known later on the devices that keep rows of the model. */
import type { CapturedRow, GivenLabel } from '@skerry/contract/captures/capture'
import { type DeviceRow, findDevices } from '../devices/device-store.ts'
import type { KeyCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import { fetchRows } from './device-rows.ts'

/** Asking more devices for each file would take minutes. Larger fleets give the prediction with the label. */
const DEVICES_ASKED_MAX = 200

/** The hub has places for some hundred commands of all callers. */
const DEVICES_AT_ONCE = 8

export type JoinedLabel = { label: GivenLabel; row: CapturedRow; device: DeviceRow }

/** The labels whose rows a connected device has. */
export async function joinLabels(
  { hub, organisationId }: Pick<KeyCall, 'hub' | 'organisationId'>,
  { model, labels }: { model: string; labels: readonly GivenLabel[] },
  signal: AbortSignal,
): Promise<JoinedLabel[]> {
  if (labels.length === 0) return []
  const found = await hub.store.db
    .selectFrom('capture_devices as report')
    .innerJoin('device_items as item', 'item.device_id', 'report.device_id')
    .select('report.device_id')
    .where('report.organisation_id', '=', organisationId)
    .where('item.name', '=', model)
    .where('report.revision', 'is not', null)
    .limit(DEVICES_ASKED_MAX + 1)
    .execute()
  if (found.length > DEVICES_ASKED_MAX) throw problem('capture_refused', TOO_MANY)
  const devices = await findDevices(
    hub.store.db,
    organisationId,
    found.map(({ device_id }) => device_id),
  )
  const open = new Map(labels.map((label) => [label.request, label]))
  const joined: JoinedLabel[] = []
  for (let at = 0; at < devices.length && open.size > 0; at += DEVICES_AT_ONCE) {
    const asked = devices.slice(at, at + DEVICES_AT_ONCE)
    const requests = [...open.keys()]
    const answers = await Promise.all(asked.map((device) => rowsOn(hub, device, { model, requests }, signal)))
    for (const { row, device } of answers.flat()) {
      const label = open.get(row.request)
      if (label) joined.push({ label, row, device })
      open.delete(row.request)
    }
  }
  return joined
}

type Wish = { model: string; requests: string[] }

/** A device that cannot answer has no rows for now. */
async function rowsOn(hub: KeyCall['hub'], device: DeviceRow, { model, requests }: Wish, signal: AbortSignal) {
  const wish = { model, limit: requests.length, requests, isBrief: true }
  const given = await fetchRows(hub, device, wish, signal)
  return given.ok ? given.rows.map((row) => ({ row, device })) : []
}

const TOO_MANY = `more than ${DEVICES_ASKED_MAX} devices keep rows of the model; give the columns predicted, version and time with each label`
