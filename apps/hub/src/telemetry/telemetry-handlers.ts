/** Handlers of the telemetry procedures. */
import { TELEMETRY_ROWS_MAX } from '@skerry/contract/hub/telemetry'
import { knownDevice } from '../devices/device-handlers.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { listSignals, readSeries } from './telemetry-store.ts'

const HOUR_MS = 3_600_000

export const telemetryHandlers = {
  signals: os.telemetry.signals.handler(
    async ({ context: { hub, organisationId }, input: { device, limit, after } }) => {
      const { id } = await knownDevice(hub.store.db, organisationId, device)
      const rows = await listSignals(hub.store.db, { deviceId: id, limit: limit + 1, after })
      return pageFrom(rows, limit, ({ signal }) => signal)
    },
  ),
  query: os.telemetry.query.handler(async ({ context: { hub, organisationId }, input }) => {
    const { device, signal, buckets: count } = input
    const { id } = await knownDevice(hub.store.db, organisationId, device)
    if (signal === undefined) throw problem('input_invalid', 'name the signal, such as ?signal=press-7/speed')
    const { toMs = hub.clock.nowMs() } = input
    const { fromMs = Math.max(0, toMs - HOUR_MS) } = input
    if (toMs <= fromMs) throw problem('input_invalid', 'toMs must be later than fromMs')
    const bucketMs = Math.max(1, Math.ceil((toMs - fromMs) / count))
    const { buckets, rows } = await readSeries(hub.store.db, { deviceId: id, signal, fromMs, toMs, bucketMs })
    return { signal, fromMs, toMs, bucketMs, buckets, isCut: rows >= TELEMETRY_ROWS_MAX }
  }),
}
