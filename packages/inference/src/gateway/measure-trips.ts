/**
 * Measure trips: the round trip to each place, by a request for the health of its server, which no model delays. Callers of a
 * route that prefers near places get the nearest one that is free.
 */
import type { Clock } from '@skerry/platform/process/clock'
import type { PlaceClient } from './place-client.ts'
import type { Routing } from './routing.ts'

/** Three pings make a round trip, so that a place is known as near or far after half a minute. */
const MEASURE_EVERY_MS = 10_000

/** A place that needs longer is as far as one that nobody has measured. */
const MEASURE_MS = 5_000

/** Requests at the same time: a crowd would measure itself. */
const LANES = 8

type Parts = { routing: Routing; client: PlaceClient; clock: Clock }

/** Runs until the signal fires. */
export async function measureTrips({ routing, client, clock }: Parts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const origins = nearOrigins(routing)
    const measure = async () => {
      for (let next = origins.pop(); next && !signal.aborted; next = origins.pop()) {
        const [id, target] = next
        const startMs = clock.monotonicMs()
        const request = { target, method: 'GET', path: '/v2/health/live', headers: {}, body: undefined }
        const answer = await client.ask(request, AbortSignal.any([signal, AbortSignal.timeout(MEASURE_MS)]))
        if (!answer.ok) continue
        answer.rest?.destroy()
        routing.noteTrip(id, clock.monotonicMs() - startMs)
      }
    }
    await Promise.all(Array.from({ length: LANES }, measure))
    await clock.sleep(MEASURE_EVERY_MS, signal).catch(() => undefined)
  }
}

/** The places of routes that prefer near ones. A stream through the hub is never near. */
function nearOrigins(routing: Routing) {
  const near = routing.routes().filter(({ row }) => row.spec.prefer === 'local' && row.places.length > 1)
  const origins = near.flatMap((route) =>
    route.row.places.flatMap((place) => {
      const origin = route.originOf(place)
      return origin === undefined ? [] : [[place.id, origin] as const]
    }),
  )
  return [...new Map(origins)]
}
