/** Round trips: the time from a ping to its answer, for each connected device. It is stored if it has changed much. */
import type { DeviceId } from '@skerry/contract/values/ids'
import { isRoundTripNews, roundTripOf, withPing } from '@skerry/core/places/round-trip'
import type { Hub } from '../hub.ts'
import { padded, piecesOf } from '../store/many-rows.ts'

/** Rows of a whole fleet go together. */
const GATHER_MS = 5_000

export type RoundTrips = AsyncDisposable & {
  /** A device has answered a ping after this time. */
  measured(deviceId: DeviceId, ms: number): void
}

type Trip = { pings: number[]; storedMs: number | undefined }

export function createRoundTrips({ store, clock, log }: Pick<Hub, 'store' | 'clock' | 'log'>): RoundTrips {
  const trips = new Map<DeviceId, Trip>()
  const gathered = new Set<DeviceId>()
  let storing = Promise.resolve()
  const storeAll = async () => {
    const rows = [...gathered].flatMap((id) => {
      const ms = roundTripOf(trips.get(id)?.pings ?? [])
      return ms === undefined ? [] : [{ device_id: id, round_trip_ms: ms, measured_at_ms: clock.nowMs() }]
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
    for (const { device_id, round_trip_ms } of rows) {
      trips.set(device_id, { pings: trips.get(device_id)?.pings ?? [], storedMs: round_trip_ms })
    }
  }
  const timer = setInterval(() => {
    storing = storing.then(storeAll)
  }, GATHER_MS)
  return {
    measured(deviceId, ms) {
      const { pings = [], storedMs } = trips.get(deviceId) ?? {}
      const trip = { pings: withPing(pings, ms), storedMs }
      trips.set(deviceId, trip)
      const now = roundTripOf(trip.pings)
      if (now !== undefined && isRoundTripNews(storedMs, now)) gathered.add(deviceId)
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await storing
      await storeAll()
    },
  }
}
