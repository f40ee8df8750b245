/** Hub sink: values go to the hub over the device's link, which takes each number of a lane once: what is sent twice is there once. */
import { type HubTelemetry, type OpenSink, SinkTrouble } from '@skerry/connectors/sink'
import { TELEMETRY_BATCH_MAX, TELEMETRY_BYTES_MAX } from '@skerry/contract/hub/telemetry'
import type { HubSink } from '@skerry/contract/sinks/sink'

/** A satellite and a hub that is busy take some seconds. */
const TIMEOUT_MS = 30_000

/** The link is somebody else's, and may come and go while this is open. */
export const openHub: OpenSink<HubSink> = async (_, { hub }, signal) => {
  signal.throwIfAborted()
  if (!hub) throw new SinkTrouble('sink_unfit', 'only the agent of a device can send to the hub')
  return {
    async send({ stream, lane, first, values }, sending) {
      if (values.length > TELEMETRY_BATCH_MAX) {
        return { ok: false, code: 'batch_too_large', message: `the hub accepts ${TELEMETRY_BATCH_MAX} values at once` }
      }
      if (Buffer.byteLength(JSON.stringify(values)) > TELEMETRY_BYTES_MAX) {
        return { ok: false, code: 'batch_too_large', message: `the hub accepts ${TELEMETRY_BYTES_MAX} bytes at once` }
      }
      const answer = await ask(hub, { stream, lane, first, values: [...values] }, sending)
      if (answer.kind === 'refused') return { ok: false, code: 'value_refused', message: answer.message }
      if (answer.kind === 'away') throw new SinkTrouble('sink_unreachable', answer.message)
      // Never less, for the hub takes a batch as a whole.
      if (answer.last < first + values.length - 1) throw new SinkTrouble('sink_lost', 'the hub did not store all of it')
      return { ok: true }
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

async function ask(hub: HubTelemetry, batch: Parameters<HubTelemetry>[0], signal: AbortSignal) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  try {
    return await hub(batch, AbortSignal.any([signal, timeout]))
  } catch (error) {
    signal.throwIfAborted()
    if (timeout.aborted) throw new SinkTrouble('sink_silent', `no answer within ${TIMEOUT_MS} ms`, { cause: error })
    throw error
  }
}
