/**
 * Telemetry off: onnxruntime 1.30 stores a device id and a queue of events below the user's home, and sends the queue to
 * mobile.events.data.microsoft.com. It does neither if it finds this variable when it is loaded.
 */
import { isMainThread } from 'node:worker_threads'

/** Part of the environment of every process that may load the runtime. */
export const TELEMETRY_OFF = { ORT_DISABLE_TELEMETRY: '1' } as const

/**
 * Turns telemetry off in this process, and in those that inherit its environment. A worker thread has only a copy of the
 * environment, and native code does not see the copy: there, `telemetryProblem` says whether the main thread did it.
 */
export function turnTelemetryOff(): void {
  // setenv is not safe beside threads that read the environment, so it happens once, before the first of them.
  if (isMainThread && telemetryProblem(process.env) !== undefined) Object.assign(process.env, TELEMETRY_OFF)
}

/** Why the runtime must not be loaded here; undefined if it stays silent. */
export function telemetryProblem(environment: NodeJS.ProcessEnv): string | undefined {
  if (environment.ORT_DISABLE_TELEMETRY === TELEMETRY_OFF.ORT_DISABLE_TELEMETRY) return undefined
  return 'onnxruntime would send telemetry to Microsoft: start this process with ORT_DISABLE_TELEMETRY=1'
}
