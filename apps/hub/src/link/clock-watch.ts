/**
 * Clock watch: notices when the clock of a device is set while it runs, or shows a time at which its certificate would not count. A clock that is
 * merely wrong is no news here (the device says so itself, `clock_wrong`), and one correction after a start is everyday; that it is set again and
 * again is a sign of somebody who wants old certificates, windows or expiries to count (intrusion rule `clock_tampering`).
 */
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { appendAudit } from '../audit/audit-store.ts'
import type { Hub } from '../hub.ts'

/** What networks delay and clocks drift within a report's interval is far less. */
const JUMP_MS = 5 * 60_000

/** A clock that is set all the time fills no trail: the threshold is met all the same. */
const RECORD_MS = 60_000

/** As many as a hub serves; the oldest is forgotten first. */
const DEVICES_MAX = 100_000

export type Watched = {
  deviceId: DeviceId
  organisationId: OrganisationId
  name: string
  source: string
  notAfterMs: number
}

export type ClockWatch = {
  /** Puts it on record where the device's clock has jumped since its report before. */
  look(device: Watched, atMs: number): Promise<void>
}

type Look = { atMs: number; wallMs: number; monotonicMs: number; recordedMs: number; isBeyond: boolean }

export function createClockWatch(hub: Pick<Hub, 'store' | 'clock' | 'bus' | 'log'>): ClockWatch {
  const looks = new Map<DeviceId, Look>()
  return {
    async look(device, atMs) {
      const { clock } = hub
      const wallMs = clock.nowMs()
      const monotonicMs = clock.monotonicMs()
      const before = looks.get(device.deviceId)
      const isBeyond = atMs > device.notAfterMs
      const jumpMs = before ? jumpBetween(before, { atMs, wallMs, monotonicMs }) : 0
      const isNews = Math.abs(jumpMs) >= JUMP_MS || (isBeyond && before?.isBeyond !== true)
      const isDue = isNews && (before === undefined || monotonicMs - before.recordedMs >= RECORD_MS)
      const recordedMs = isDue ? monotonicMs : (before?.recordedMs ?? Number.NEGATIVE_INFINITY)
      looks.delete(device.deviceId)
      looks.set(device.deviceId, { atMs, wallMs, monotonicMs, recordedMs, isBeyond })
      const [oldest] = looks.keys()
      if (looks.size > DEVICES_MAX && oldest !== undefined) looks.delete(oldest)
      if (isDue) await record(hub, device, { jumpMs: Math.round(jumpMs), deviceMs: atMs, isBeyond })
    },
  }
}

/** By whichever of the hub's clocks it is less: a hub's own clock may be set as well, and stops while its machine sleeps. */
function jumpBetween(before: Look, now: Pick<Look, 'atMs' | 'wallMs' | 'monotonicMs'>): number {
  const passedMs = now.atMs - before.atMs
  const jumps = [passedMs - (now.wallMs - before.wallMs), passedMs - (now.monotonicMs - before.monotonicMs)]
  return jumps.reduce((least, jump) => (Math.abs(jump) < Math.abs(least) ? jump : least))
}

type Jump = { jumpMs: number; deviceMs: number; isBeyond: boolean }

async function record(
  { store, clock, bus, log }: Pick<Hub, 'store' | 'clock' | 'bus' | 'log'>,
  device: Watched,
  jump: Jump,
) {
  const { deviceId: id, organisationId, name, source } = device
  log.warn('device_clock_jumped', { deviceId: id, ...jump })
  const actor = { kind: 'device' as const, id, name }
  const { jumpMs, deviceMs, isBeyond } = jump
  const detail = { jumpMs, deviceMs, ...(isBeyond && { isBeyondCertificate: true }) }
  await store.transaction((tx) =>
    appendAudit(tx, {
      organisationId,
      atMs: clock.nowMs(),
      actor,
      action: 'device.clockJumped',
      source,
      object: { kind: 'device', id },
      result: 'ok',
      detail,
    }),
  )
  bus.publish('audit.appended', organisationId)
}
