/**
 * The only place that loads onnxruntime, which sends telemetry unless it is turned off before. `layers.test.ts` holds
 * it.
 */
import type * as runtime from 'onnxruntime-node'
import { telemetryProblem, turnTelemetryOff } from './runtime-telemetry.ts'

turnTelemetryOff()
const problem = telemetryProblem(process.env)
if (problem !== undefined) throw new Error(problem)

const loaded: typeof runtime = await import('onnxruntime-node')
export const { InferenceSession, Tensor } = loaded
/** The runtime and its version, such as `onnxruntime 1.30.0`. */
export const RUNTIME_NAME = `onnxruntime ${loaded.env.versions.node ?? loaded.env.versions.common}`
export type InferenceSession = runtime.InferenceSession
