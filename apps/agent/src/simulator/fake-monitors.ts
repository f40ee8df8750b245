/**
 * Fake monitors: a simulated device follows the document of its monitors, and sends a window of counts for each watched
 * version, as an agent does. No request was made: the counts are those of a model whose values lie in one bin.
 */
import type { MonitorsDocument, Watch } from '@skerry/contract/held/monitors'
import type { MonitorWindow } from '@skerry/contract/monitors/profile'
import { StreamId } from '@skerry/contract/sinks/sink-value'
import type { Clock } from '@skerry/platform/process/clock'
import { createTelemetryWay, type TelemetryWay } from '../connections/telemetry-way.ts'
import { monitorsHeld } from '../held/monitors.ts'
import { windowValue } from '../monitors/window-value.ts'

/** The monitors of the whole fleet, as its devices hold them. */
export type WatchingFigures = {
  /** Devices that watch at least one version. */
  watching: number
  /** The time at which the newest document was taken, by the monotonic clock. */
  lastTakenMs: number
  windows: number
  windowsUnsent: number
}

export const newWatchingFigures = (): WatchingFigures => ({
  watching: 0,
  lastTakenMs: 0,
  windows: 0,
  windowsUnsent: 0,
})

type FakeMonitors = {
  held: ReturnType<typeof monitorsHeld>
  telemetry: TelemetryWay
  /** Sends windows until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

type FakeMonitorsDeps = { clock: Clock; random: () => number; requestsPerSecond: number; figures: WatchingFigures }

/** Between looks for a first document. */
const LOOK_MS = 5_000

/** At the start the device watches nothing. */
export function createFakeMonitors(deps: FakeMonitorsDeps): FakeMonitors {
  const { clock, random, figures } = deps
  const telemetry = createTelemetryWay()
  const stream = StreamId.parse(hexOf(random))
  let kept: Pick<MonitorsDocument, 'revision' | 'watches'> | undefined
  let sent = 0
  const held = monitorsHeld({
    held: () => (kept ? { revision: kept.revision } : {}),
    async take({ revision, watches }) {
      figures.watching += Number(watches.length > 0) - Number((kept?.watches.length ?? 0) > 0)
      figures.lastTakenMs = clock.monotonicMs()
      kept = { revision, watches }
    },
    async order() {},
    heard() {},
  })
  const send = async (watches: readonly Watch[]) => {
    const values = watches.map((watch) => windowValue(windowOf(watch, deps)))
    const answer = await telemetry.send({ stream, lane: 'normal', first: sent + 1, values })
    if (answer.kind !== 'held') figures.windowsUnsent += 1
    else {
      figures.windows += values.length
      sent = answer.last
    }
  }
  return {
    held,
    telemetry,
    async run(signal) {
      // Devices do not begin their windows together.
      for (let waitMs = LOOK_MS * random(); ; ) {
        await clock.sleep(waitMs, signal)
        const watches = kept?.watches ?? []
        const windowMs = watches[0]?.windowMs
        if (windowMs !== undefined) await send(watches)
        waitMs = windowMs ?? LOOK_MS
      }
    },
  }
}

/** Each requested row has one value of each feature. */
function windowOf(watch: Watch, { clock, requestsPerSecond }: FakeMonitorsDeps): MonitorWindow {
  // [agent, window-counter] Windows begin at multiples of their length, so that those of all devices can be added.
  const endMs = Math.floor(clock.nowMs() / watch.windowMs) * watch.windowMs
  const rows = Math.round((watch.windowMs / 1_000) * requestsPerSecond)
  const moments = { n: rows, mean: 0, squares: 0, min: 0, max: 0 }
  return {
    v: 1,
    model: watch.model,
    version: watch.version,
    profile: watch.profile,
    startMs: endMs - watch.windowMs,
    endMs,
    rows,
    counted: rows,
    features: watch.features.map(({ edges }) => ({
      counts: Array.from({ length: edges.length + 1 }, (_, bin) => (bin === 0 ? rows : 0)),
      missing: 0,
      moments,
    })),
  }
}

const hexOf = (random: () => number) =>
  Array.from({ length: 16 }, () => Math.floor(random() * 16).toString(16)).join('')
