/** Probe places: tests places that have failed, with requests of the gateway's own, so that no caller has to. */
import type { Clock } from '@skerry/platform/process/clock'
import { targetOf } from './forward.ts'
import type { PlaceClient } from './place-client.ts'
import type { Routing } from './routing.ts'

const PROBE_EVERY_MS = 500

/** A ready server answers in milliseconds. */
const PROBE_MS = 1_000

/** Runs until the signal fires. */
export async function probePlaces(
  { routing, client, clock }: { routing: Routing; client: PlaceClient; clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(PROBE_EVERY_MS, signal).catch(() => undefined)
    const waiting = routing
      .routes()
      .flatMap((route) => route.row.places.map((place) => ({ route, place })))
      .filter(({ route, place }) => route.stateOf(place) === 'half-open')
    await Promise.all(
      waiting.map(async ({ route, place }) => {
        const startMs = clock.monotonicMs()
        const end = route.begin(place, true)
        const path = `/v2/models/${route.row.spec.model}/ready`
        const request = { target: targetOf(route, place), method: 'GET', path, headers: {}, body: undefined }
        const answer = await client.ask(request, AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]))
        if (answer.ok) answer.rest?.destroy()
        end(answer.ok && answer.status === 200 ? 'answered' : 'failed', clock.monotonicMs() - startMs)
      }),
    )
  }
}
