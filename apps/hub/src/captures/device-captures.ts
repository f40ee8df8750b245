/**
 * Device captures: the rules that a device should have, derived at each look from its items and the captures of their
 * models, and the subjects that it has not erased yet.
 */
import {
  CAPTURE_RULES_MAX,
  type CaptureRule,
  type CapturesDocument,
  ERASURES_MAX,
  type HeldCaptures,
} from '@skerry/contract/held/captures'
import type { Digest } from '@skerry/contract/values/digest'
import { isBox, parseRedaction } from '@skerry/core/captures/redaction'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import type { HeldPlace } from '../held/held-document.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { CaptureTable } from '../store/tables/capture-tables.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { erasuresAfter, lastErasure, reportOf, saltOf } from './capture-store.ts'
import { lastLabelOf } from './label-store.ts'

type DeviceRow = Pick<DeviceTable, 'id' | 'organisation_id'>

async function rulesOf(db: Db, device: DeviceRow, { boxes = false }: Knows): Promise<CaptureRule[]> {
  const rows = await db
    .selectFrom('device_items as item')
    .innerJoin('captures as capture', (join) =>
      join.onRef('capture.organisation_id', '=', 'item.organisation_id').onRef('capture.model', '=', 'item.name'),
    )
    .select(['capture.model', 'capture.rules', 'capture.ordered'])
    .where('item.device_id', '=', device.id)
    .orderBy('capture.model')
    .limit(CAPTURE_RULES_MAX)
    .execute()
  return rows.map(({ model, rules, ordered }) => {
    // The purpose is for people.
    const { purpose: _, ...rule } = fromJson(rules)
    return { model, ...rule, redact: boxes ? rule.redact : rule.redact.map(withoutBox), ...orderIn(ordered) }
  })
}

function orderIn(ordered: CaptureTable['ordered']): Pick<CaptureRule, 'order'> {
  if (ordered === null) return {}
  const { version, rows, atMs } = fromJson(ordered)
  return { order: { id: `${version}/${atMs}`, version, rows } }
}

/** Abilities of a device beyond version 0.1.0. */
type Knows = Pick<HeldCaptures, 'boxes'>

/** A device that does not know boxes would store the picture as it is. */
const withoutBox = (text: string) => (isBox(text) ? parseRedaction(text).tensor : text)

/** The document for a device that reports this; undefined if the device is up to date. */
export async function newCaptures(
  db: Db,
  device: DeviceRow,
  held: HeldCaptures,
): Promise<CapturesDocument | undefined> {
  const salt = await saltOf(db, device.organisation_id)
  if (salt === undefined) return undefined
  const captures = await rulesOf(db, device, held)
  if (held.revision === undefined && captures.length === 0) return undefined
  const revision = revisionOf(salt, captures)
  const last = await lastErasure(db, device.organisation_id)
  // A device without a document has no rows, and nothing to erase.
  const after = held.revision === undefined ? last : (held.erased ?? 0)
  const labels = held.labels === undefined ? undefined : await lastLabelOf(db, device.id)
  if (revision === held.revision && after >= last && labels === held.labels) return undefined
  const erasures = await erasuresAfter(db, device.organisation_id, { after, limit: ERASURES_MAX })
  const erased = Math.max(after, Number(erasures.at(-1)?.sequence ?? 0))
  const keys = erasures.map(({ subject_key }) => subject_key)
  return {
    v: 1,
    deviceId: device.id,
    revision,
    salt,
    captures,
    erasures: keys,
    erased,
    ...(labels !== undefined && { labels }),
  }
}

const revisionOf = (salt: string, captures: readonly CaptureRule[]): Digest => digestOf(canonicalJson([salt, captures]))

/** Whether the device has the present rules. */
export async function isCaptureCurrent(db: Db, device: DeviceRow, revision: Digest | null): Promise<boolean> {
  const salt = await saltOf(db, device.organisation_id)
  if (salt === undefined) return false
  for (const boxes of [true, false])
    if (revision === revisionOf(salt, await rulesOf(db, device, { boxes }))) return true
  return false
}

/** Whether the report differs from the record. */
export async function isCaptureNews(db: Db, { deviceId }: HeldPlace, held: HeldCaptures): Promise<boolean> {
  const known = await reportOf(db, deviceId)
  if (!known) return held.revision !== undefined
  return (known.revision ?? undefined) !== held.revision || Number(known.erased) !== (held.erased ?? 0)
}

/** Stores the report of the device. */
export async function keepCaptureReport(
  tx: Tx,
  { deviceId, organisationId }: HeldPlace,
  { revision, erased }: HeldCaptures,
): Promise<void> {
  const said = { revision: revision ?? null, erased: erased ?? 0 }
  await tx
    .insertInto('capture_devices')
    .values({ device_id: deviceId, organisation_id: organisationId, ...said })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(said))
    .execute()
}
