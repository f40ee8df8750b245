/**
 * OTLP export: sends the hub's metrics to a collector of OpenTelemetry, again and again. Each hub sends its own. What a
 * collector does not take is lost, because the next message has the sums of everything before it.
 */
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { Registry } from 'prom-client'
import type { Metrics } from '../metrics.ts'
import { HUB_VERSION } from '../version.ts'
import { otlpMessage } from './otlp-message.ts'

export type OtlpTarget = { url: string; headers: Readonly<Record<string, string>> }

export type OtlpHub = { metrics: Metrics; clock: Clock; log: Log; hubId: string }

/** As often as Prometheus asks by default, twice. */
const EVERY_MS = 30_000

/** A collector that needs longer is down. */
const ANSWER_MS = 10_000

/** Enough of an answer to find the reason. */
const REASON_MAX = 200

/** Runs until it is disposed. The first message goes out at once, so that a wrong address shows in the log. */
export function startOtlp(hub: OtlpHub, target: OtlpTarget): AsyncDisposable {
  const stop = new AbortController()
  const running = run(hub, target, stop.signal)
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
    },
  }
}

async function run(hub: OtlpHub, target: OtlpTarget, signal: AbortSignal): Promise<void> {
  const startMs = hub.clock.nowMs()
  let wasWell = true
  while (!signal.aborted) {
    const trouble = await sendOnce(hub, { target, startMs, signal })
    if (signal.aborted) return
    if (trouble !== undefined) {
      hub.metrics.otlpFailures.inc()
      if (wasWell) hub.log.warn('otlp_failed', { url: target.url, message: trouble })
    } else if (!wasWell) hub.log.info('otlp_recovered', { url: target.url })
    wasWell = trouble === undefined
    await hub.clock.sleep(EVERY_MS, signal).catch(() => undefined)
  }
}

type Sending = { target: OtlpTarget; startMs: number; signal: AbortSignal }

/** Returns the reason why the collector did not take it. Never rejects. */
async function sendOnce(
  { metrics, clock, hubId }: OtlpHub,
  { target, startMs, signal }: Sending,
): Promise<string | undefined> {
  const source = { name: 'skerry-hub', version: HUB_VERSION, instance: hubId, startMs }
  try {
    const figures = await Registry.merge([metrics.registry, ...Object.values(metrics.led)]).getMetricsAsJSON()
    const message = otlpMessage(figures, source, clock.nowMs())
    const answer = await fetch(target.url, {
      method: 'POST',
      headers: { ...target.headers, 'content-type': 'application/json' },
      body: JSON.stringify(message),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    })
    const text = await answer.text()
    return answer.ok ? undefined : `it answered ${answer.status}: ${text.slice(0, REASON_MAX)}`
  } catch (error) {
    const { cause, message } = error as Error
    return cause instanceof Error ? cause.message : message
  }
}
