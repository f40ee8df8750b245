/** Take journal: what a device has written down about itself goes into the audit trail, each entry once, with what is wrong with it said before it. */
import type { JournalHeld, JournalPage, JournalPlace } from '@skerry/contract/audit/device-journal'
import { JOURNAL_BROKEN, LOCAL_ACTION } from '@skerry/contract/audit/device-journal'
import type { DeviceId } from '@skerry/contract/values/ids'
import { type JournalStep, takePage } from '@skerry/core/audit/device-journal'
import { hashPublicKey } from '@skerry/platform/certificates/public-key-hash'
import { digestOf } from '@skerry/platform/files/hash'
import { journalVerifier } from '@skerry/platform/signatures/journal-signature'
import { appendAudit } from '../audit/audit-store.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import type { LinkConnection } from '../link/link-connection.ts'
import type { Tx } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { findDeviceById } from './device-store.ts'

/** A device holds 2,000 at most and writes some twenty of a kind at once: more is a device that does not keep to it, and fills everybody's trail. */
const HOURLY_MAX = 2_500
const HOUR_MS = 3_600_000

const WRONG_KEY = 'the key differs from the one that the device joined with'

/** The answer says what is on the hub's disk. Asked with no entries, it only says that. */
export async function takeJournal(
  { store, clock }: Pick<Hub, 'store' | 'clock'>,
  { deviceId, source }: Pick<LinkConnection, 'deviceId' | 'source'>,
  page: JournalPage,
): Promise<JournalHeld> {
  return store.transaction((tx) => take(tx, { deviceId, source, nowMs: clock.nowMs() }, page))
}

type Asking = Pick<LinkConnection, 'deviceId' | 'source'> & { nowMs: number }

async function take(tx: Tx, { deviceId, source, nowMs }: Asking, page: JournalPage): Promise<JournalHeld> {
  const device = await findDeviceById(tx, deviceId)
  if (!device) throw problem('device_revoked')
  if (!isKeyOf(device, page.publicKey)) throw problem('input_invalid', WRONG_KEY)
  const held = await find(tx, deviceId)
  const isSigned = journalVerifier(page.publicKey)
  const { place, steps } = takePage(held?.place, page, { hash: digestOf, isSigned })
  if (steps.length === 0) return place ? { place } : {}
  const hour = hourOf(held, nowMs)
  if (hour.count + steps.length > HOURLY_MAX) {
    throw problem(
      'hub_unavailable',
      'the device has sent more records than the trail accepts from one device in an hour; the rest waits',
    )
  }
  for (const step of steps) await record(tx, { device, source, nowMs, publicKey: page.publicKey }, step)
  await keep(tx, deviceId, {
    place: place ?? page.end,
    hourBeganMs: hour.beganMs,
    hourCount: hour.count + steps.length,
  })
  return place ? { place } : {}
}

type Held = { place: JournalPlace; hourBeganMs: number; hourCount: number }

async function find(tx: Tx, deviceId: DeviceId): Promise<Held | undefined> {
  const row = await tx.selectFrom('device_journals').selectAll().where('device_id', '=', deviceId).executeTakeFirst()
  if (!row) return undefined
  const { journal, sequence, hash } = row
  return { place: { journal, sequence, hash }, hourBeganMs: row.hour_began_ms, hourCount: row.hour_count }
}

async function keep(tx: Tx, deviceId: DeviceId, { place, hourBeganMs, hourCount }: Held): Promise<void> {
  const { journal, sequence, hash } = place
  const row = { journal, sequence, hash, hour_began_ms: hourBeganMs, hour_count: hourCount }
  await tx
    .insertInto('device_journals')
    .values({ device_id: deviceId, ...row })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
    .execute()
}

/** A clock that was set back begins a new hour. */
function hourOf(held: Held | undefined, nowMs: number): { beganMs: number; count: number } {
  const isOver = !held || Math.abs(nowMs - held.hourBeganMs) >= HOUR_MS
  return isOver ? { beganMs: nowMs, count: 0 } : { beganMs: held.hourBeganMs, count: held.hourCount }
}

function isKeyOf(device: DeviceTable, publicKey: string): boolean {
  try {
    return hashPublicKey(publicKey) === device.public_key_hash
  } catch {
    return false
  }
}

type Told = { device: DeviceTable; source: string; nowMs: number; publicKey: string }

async function record(tx: Tx, { device, source, nowMs, publicKey }: Told, step: JournalStep): Promise<void> {
  const about = {
    organisationId: device.organisation_id,
    atMs: nowMs,
    source,
    result: 'ok',
    object: { kind: 'device', id: device.id },
  }
  if (step.kind === 'entry') {
    const { entry } = step
    const actor = { kind: 'device' as const, id: device.id, name: device.name }
    await appendAudit(tx, { ...about, actor, action: LOCAL_ACTION + entry.action, detail: { entry, publicKey } })
    return
  }
  const { sequence, problem: found } = step
  const actor = { kind: 'hub' as const, id: '', name: 'hub' }
  await appendAudit(tx, {
    ...about,
    actor,
    action: JOURNAL_BROKEN,
    detail: { name: device.name, sequence, problem: found },
  })
}
