/** Handlers of the procedures that read and label the rows on devices. */
import type { CapturedRow, GivenLabel, LabelOutcome, ReviewedRow } from '@skerry/contract/captures/capture'
import type { DeviceId } from '@skerry/contract/values/ids'
import { classText, errorOf } from '@skerry/core/captures/performance'
import { knownDevice } from '../devices/device-handlers.ts'
import { type DeviceRow, findDevices } from '../devices/device-store.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import type { CaptureLabelTable } from '../store/tables/capture-tables.ts'
import { knownCapture } from './capture-handlers.ts'
import { fetchRows } from './device-rows.ts'
import { joinLabels } from './join-labels.ts'
import { labelOf, labelsOf, listLabels, type NewLabel, saveLabels } from './label-store.ts'

export const captureRowHandlers = {
  rows: os.capture.rows.handler(async ({ context, input: { device, name, limit, before }, signal }) => {
    const { hub, organisationId } = context
    await knownCapture(context, name)
    const row = await knownDevice(hub.store.db, organisationId, device)
    // The additional row only shows that there is a next page.
    const wish = { model: name, limit: limit + 1, ...(before !== undefined && { before }) }
    const given = await fetchRows(hub, row, wish, signal ?? hub.signal)
    if (!given.ok) throw problem(given.code, given.message)
    const { heldCount, droppedCount } = given
    const rows = given.rows.slice(0, limit)
    const last = rows.at(-1)
    const labels = await labelsOf(
      hub.store.db,
      { organisationId, model: name },
      rows.map(({ request }) => request),
    )
    await context.change(async (_tx, note) => {
      note.object.id = row.id
      // The record names the rows that a person saw, and has no value of them.
      const places = last && rows[0] ? { newest: rows[0].place, oldest: last.place } : {}
      note.detail = { id: row.id, name: row.name, model: name, rows: rows.length, ...places }
    })
    const next = given.rows.length > limit || given.isCut ? last?.place : undefined
    return {
      device: row.name,
      rows: rows.map((one) => reviewedOf(one, labels)),
      heldCount,
      droppedCount,
      ...(next !== undefined && { next }),
    }
  }),
  label: os.capture.label.handler(async ({ context, input: { device, name, labels }, signal }) => {
    const { hub, organisationId } = context
    await knownCapture(context, name)
    const row = await knownDevice(hub.store.db, organisationId, device)
    const requests = [...new Set(labels.map(({ request }) => request))]
    const wish = { model: name, limit: requests.length, requests, isBrief: true }
    const given = await fetchRows(hub, row, wish, signal ?? hub.signal)
    if (!given.ok) throw problem(given.code, given.message)
    const found = new Map(given.rows.map((one) => [one.request, one]))
    const made = labels.flatMap((one) =>
      joinedLabel(context, name, { label: one, row: found.get(one.request), device: row }),
    )
    const outcome = await context.change(async (tx, note) => {
      const stored = await saveLabels(tx, newestOf(made))
      note.object.id = row.id
      note.detail = { id: row.id, name: row.name, model: name, labels: stored }
      return { stored, unmatched: unmatchedOf(requests, made) }
    })
    announceLabels(context, made)
    return outcome
  }),
  importLabels: os.capture.importLabels.handler(async ({ context, input: { name, labels }, signal }) => {
    await knownCapture(context, name)
    const given = labels.flatMap((one) => givenLabel(context, name, one))
    const open = labels.filter(({ predicted }) => predicted === undefined)
    const joined = await joinLabels(context, { model: name, labels: open }, signal ?? context.hub.signal)
    const made = [
      ...given,
      ...joined.flatMap(({ label, row, device }) => joinedLabel(context, name, { label, row, device })),
    ]
    const outcome = await context.change(async (tx, note): Promise<LabelOutcome> => {
      const stored = await saveLabels(tx, newestOf(made))
      const unmatched = unmatchedOf([...new Set(labels.map(({ request }) => request))], made)
      note.object.id = name
      note.detail = { labels: stored, unmatched: unmatched.length }
      return { stored, unmatched }
    })
    announceLabels(context, made)
    return outcome
  }),
  labels: os.capture.labels.handler(async ({ context, input: { name, limit, after } }) => {
    await knownCapture(context, name)
    const { hub, organisationId } = context
    const rows = await listLabels(hub.store.db, { organisationId, model: name, limit: limit + 1, after })
    return pageFrom(rows.map(labelOf), limit, ({ request }) => request)
  }),
  export: os.capture.export.handler(async ({ context, input: { name, limit, after }, signal }) => {
    const { hub, organisationId } = context
    await knownCapture(context, name)
    const found = await listLabels(hub.store.db, { organisationId, model: name, limit: limit + 1, after })
    const page = pageFrom(found, limit, ({ request }) => request)
    const fetched = await fetchLabelled(context, name, page.rows, signal ?? hub.signal)
    await context.change(async (_tx, note) => {
      note.object.id = name
      note.detail = { rows: fetched.rows.length, missing: fetched.missing.length }
    })
    return { ...fetched, ...('next' in page && { next: page.next }) }
  }),
}

const reviewedOf = ({ subject: _, ...row }: CapturedRow, labels: readonly CaptureLabelTable[]): ReviewedRow => {
  const label = labels.find(({ request }) => request === row.request)
  return { ...row, ...(label && { label: label.label, labelledBy: label.labelled_by }) }
}

type Joined = { label: Pick<GivenLabel, 'request' | 'label'>; row: CapturedRow | undefined; device: DeviceRow }

/** None if the device has no such row, or its answer has no prediction. */
function joinedLabel(call: KeyCall, model: string, { label, row, device }: Joined): NewLabel[] {
  if (row?.predicted === undefined) return []
  const { predicted, version, atMs } = row
  const made = labelRow(call, model, { ...label, predicted, version, atMs })
  return [{ ...made, device_id: device.id, subject_key: row.subject ?? null }]
}

/** None if the prediction is missing: then a device must have it. */
function givenLabel(call: KeyCall, model: string, given: GivenLabel): NewLabel[] {
  const { request, label, predicted, version, atMs } = given
  if (predicted === undefined) return []
  if (version === undefined || atMs === undefined)
    throw problem('capture_refused', `the label of ${request} has a prediction, and so needs its version and time too`)
  return [labelRow(call, model, { request, label, predicted, version, atMs })]
}

/** A label with the prediction that it belongs to. */
type Compared = { request: string; label: string; predicted: string; version: number; atMs: number }

function labelRow(
  { hub, organisationId, caller }: KeyCall,
  model: string,
  { request, version, atMs, ...given }: Compared,
): NewLabel {
  const predicted = classText(given.predicted)
  const label = classText(given.label)
  return {
    organisation_id: organisationId,
    model,
    request,
    device_id: null,
    version,
    at_ms: atMs,
    predicted,
    label,
    error: errorOf(predicted, label) ?? null,
    subject_key: null,
    labelled_at_ms: hub.clock.nowMs(),
    labelled_by: caller.name,
  }
}

/** Only the devices with the rows look: a person gives a label each second, and a fleet has thousands of devices. */
function announceLabels({ hub }: Pick<KeyCall, 'hub'>, made: readonly NewLabel[]): void {
  const ids = new Set(made.flatMap(({ device_id }) => device_id ?? []))
  for (const id of ids) hub.bus.publish('captures.changed', id)
}

/** The last label of a request counts: one statement cannot change a row twice. */
const newestOf = (rows: readonly NewLabel[]) => [...new Map(rows.map((row) => [row.request, row])).values()]

function unmatchedOf(requests: readonly string[], made: readonly NewLabel[]): string[] {
  const matched = new Set(made.map(({ request }) => request))
  return requests.filter((request) => !matched.has(request))
}

/** Each device is asked for its rows, one after another: a row may have hundreds of kilobytes. */
async function fetchLabelled(
  { hub, organisationId }: KeyCall,
  model: string,
  labels: readonly CaptureLabelTable[],
  signal: AbortSignal,
) {
  const ids = [...new Set(labels.flatMap(({ device_id }) => device_id ?? []))]
  const devices = new Map((await findDevices(hub.store.db, organisationId, ids)).map((row) => [row.id, row]))
  const rows: (ReviewedRow & { device: string; label: string })[] = []
  const missing: { request: string; device?: string; message: string }[] = []
  for (const [deviceId, of] of Map.groupBy(labels, ({ device_id }) => device_id)) {
    const device = devices.get(deviceId as DeviceId)
    if (!device) {
      missing.push(...of.map(({ request }) => ({ request, message: 'no device has the row' })))
      continue
    }
    const open = new Map(of.map((label) => [label.request, label]))
    const why = await takeRows({ hub, device, model, open, signal }, (row, label) =>
      rows.push({ device: device.name, ...reviewedOf(row, [label]), label: label.label }),
    )
    missing.push(...[...open.keys()].map((request) => ({ request, device: device.name, message: why })))
  }
  return { rows, missing }
}

type Taking = {
  hub: KeyCall['hub']
  device: DeviceRow
  model: string
  open: Map<string, CaptureLabelTable>
  signal: AbortSignal
}

/** A device answers with as many rows as fit, so the hub asks again. Returns why no more came. */
async function takeRows(
  { hub, device, model, open, signal }: Taking,
  take: (row: CapturedRow, label: CaptureLabelTable) => void,
): Promise<string> {
  while (open.size > 0) {
    const requests = [...open.keys()]
    const given = await fetchRows(hub, device, { model, limit: requests.length, requests }, signal)
    if (!given.ok) return given.message ?? given.code
    const known = given.rows.filter(({ request }) => open.has(request))
    if (known.length === 0) break
    for (const row of known) {
      const label = open.get(row.request)
      if (label) take(row, label)
      open.delete(row.request)
    }
  }
  return 'the device has deleted the row'
}
