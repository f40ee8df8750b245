/**
 * Round trips: the time from a ping to its answer, for each connected device. It is smoothed, and stored only if it has
 * changed much: placements compare sites, and a fleet that writes each ping would cost more than it tells.
 */
import type { DeviceId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'
import { padded, piecesOf } from '../store/many-rows.ts'

/** The share of the newest measurement: a single slow answer must not move a replica. */
const NEWEST_SHARE = 0.2

/** Changes below both are noise. */
const NOISE_MS = 2
const NOISE_SHARE = 0.25

/** Rows of a whole fleet go together. */
const GATHER_MS = 5_000

export type RoundTrips = AsyncDisposable & {
  /** A device has answered a ping after this time. */
  measured(deviceId: DeviceId, ms: number): void
}

type Trip = { ms: number; storedMs: number | undefined }

export function createRoundTrips({ store, clock, log }: Pick<Hub, 'store' | 'clock' | 'log'>): RoundTrips {
  const trips = new Map<DeviceId, Trip>()
  const gathered = new Set<DeviceId>()
  let storing = Promise.resolve()
  const storeAll = async () => {
    const rows = [...gathered].flatMap((id) => {
      const trip = trips.get(id)
      return trip ? [{ device_id: id, round_trip_ms: trip.ms, measured_at_ms: clock.nowMs() }] : []
    })
    gathered.clear()
    if (rows.length === 0) return
    await store
      .transaction(async (tx) => {
        const ids = padded(rows.map(({ device_id }) => device_id))
        const known = await tx.selectFrom('devices').select('id').where('id', 'in', ids).execute()
        const there = new Set(known.map(({ id }) => id))
        const kept = rows.filter(({ device_id }) => there.has(device_id))
        if (kept.length === 0) return
        await tx
          .deleteFrom('device_round_trips')
          .where('device_id', 'in', padded(kept.map(({ device_id }) => device_id)))
          .execute()
        for (const piece of piecesOf(kept)) await tx.insertInto('device_round_trips').values(piece).execute()
      })
      // The next answers of the devices bring them again.
      .catch((error: unknown) => log.warn('round_trips_not_stored', { count: rows.length, error }))
    for (const { device_id, round_trip_ms } of rows)
      trips.set(device_id, { ms: round_trip_ms, storedMs: round_trip_ms })
  }
  const timer = setInterval(() => {
    storing = storing.then(storeAll)
  }, GATHER_MS)
  return {
    measured(deviceId, ms) {
      const before = trips.get(deviceId)
      const now = smoothed(before?.ms, ms)
      trips.set(deviceId, { ms: now, storedMs: before?.storedMs })
      if (isNews(before?.storedMs, now)) gathered.add(deviceId)
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await storing
      await storeAll()
    },
  }
}

const smoothed = (before: number | undefined, ms: number) =>
  before === undefined ? ms : before + NEWEST_SHARE * (ms - before)

const isNews = (stored: number | undefined, ms: number) =>
  stored === undefined || Math.abs(ms - stored) > Math.max(NOISE_MS, NOISE_SHARE * stored)
