/** Trips: the round trips from the gateway to places, in the steps by which a route compares them. */
import type { DeviceId } from '@skerry/contract/values/ids'
import { latencyStep, roundTripOf, withPing } from '@skerry/core/places/round-trip'

export type Trips = {
  note(place: DeviceId, ms: number): void
  /** Of the places with enough pings. */
  steps(): ReadonlyMap<DeviceId, number>
  /** Forgets all others. */
  keep(places: ReadonlySet<DeviceId>): void
}

/** Knows nothing at first. */
export function createTrips(): Trips {
  const pings = new Map<DeviceId, number[]>()
  const steps = new Map<DeviceId, number>()
  return {
    note(place, ms) {
      const newest = withPing(pings.get(place) ?? [], ms)
      pings.set(place, newest)
      const trip = roundTripOf(newest)
      if (trip !== undefined) steps.set(place, latencyStep(trip))
    },
    steps: () => steps,
    keep(places) {
      for (const known of [pings, steps]) for (const id of known.keys()) if (!places.has(id)) known.delete(id)
    },
  }
}
