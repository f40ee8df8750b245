/** Models: a network in ONNX that answers inference requests. */
import * as z from 'zod'
import { ModelSummary } from '../models/model-summary.ts'
import { Serving, Shadow } from '../models/serving.ts'
import { ScalingRule } from '../scaling/scaling.ts'
import type { KindRow } from './kind-row.ts'

/** The file that a runtime loads; the other files are its external data and the golden file. */
export const MODEL_PATH = 'model.onnx'

/** How a device serves the model. */
export const ModelSpec = z.object({
  /** Fields of a newer hub are dropped: they tune the serving and permit nothing. */
  serving: Serving.extend({
    /** A policy that this device cannot read leaves the number of workers at `instances`. */
    scaling: ScalingRule.optional().catch(undefined),
  }).strip(),
  /**
   * The version must pass this as a shadow of the serving version before it serves. Strict: a rule that the device does
   * not know could only make the comparison stricter.
   */
  shadow: Shadow.optional(),
})
export type ModelSpec = z.infer<typeof ModelSpec>

export const modelKind = {
  mainFile: MODEL_PATH,
  capability: 'onnx',
  serves: true,
  mayShadow: true,
  hasGoldenCases: true,
  lifecycle: ['fetching', 'verifying', 'loading', 'golden', 'shadow', 'ready', 'probation', 'active'],
  spec: ModelSpec,
  detail: { summary: ModelSummary },
} as const satisfies KindRow
