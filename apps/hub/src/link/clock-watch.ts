/**
 * Clock watch: detects that the clock of a device is changed while it runs, or shows a time at which its certificate
 * would be invalid. The device itself reports a wrong clock (`clock_wrong`), and one correction after a start is
 * normal. Repeated changes may be an attempt to use old certificates, windows or expired permissions (intrusion rule
 * `clock_tampering`).
 */
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { appendAudit } from '../audit/audit-store.ts'
import type { Hub } from '../hub.ts'

/** Network delay and clock drift within a report's interval are far less. */
const JUMP_MS = 5 * 60_000

/**
 * The minimum time between two records of a device. A clock that changes all the time does not fill the trail, and
 * still meets the rule's threshold.
 */
const RECORD_MS = 60_000

/** As many devices as a hub serves; the oldest is deleted first. */
const DEVICES_MAX = 100_000

export type WatchedClock = {
  deviceId: DeviceId
  organisationId: OrganisationId
  name: string
  source: string
  notAfterMs: number
}

export type ClockWatch = {
  /** Records a jump of the device's clock since its last report. */
  look(device: WatchedClock, atMs: number): Promise<void>
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

/**
 * Uses the smaller elapsed time of the hub's two clocks. Its wall clock may be changed too, and the other one stops
 * while its machine sleeps.
 */
function jumpBetween(before: Look, now: Pick<Look, 'atMs' | 'wallMs' | 'monotonicMs'>): number {
  const passedMs = now.atMs - before.atMs
  const jumps = [passedMs - (now.wallMs - before.wallMs), passedMs - (now.monotonicMs - before.monotonicMs)]
  return jumps.reduce((least, jump) => (Math.abs(jump) < Math.abs(least) ? jump : least))
}

type Jump = { jumpMs: number; deviceMs: number; isBeyond: boolean }

async function record(
  { store, clock, bus, log }: Pick<Hub, 'store' | 'clock' | 'bus' | 'log'>,
  device: WatchedClock,
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
