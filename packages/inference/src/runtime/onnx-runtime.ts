/** The only place that loads onnxruntime, which sends telemetry unless it is turned off before. `layers.test.ts` holds it. */
import type * as runtime from 'onnxruntime-node'
import { telemetryProblem, turnTelemetryOff } from './runtime-telemetry.ts'

turnTelemetryOff()
const problem = telemetryProblem(process.env)
if (problem !== undefined) throw new Error(problem)

export const { InferenceSession, Tensor }: typeof runtime = await import('onnxruntime-node')
export type InferenceSession = runtime.InferenceSession
