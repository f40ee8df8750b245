/** What an ONNX file says of itself: read by the hub when it is pushed, shown to people, and compared with what a device can run. */
import * as z from 'zod'
import { TensorSpec } from './tensor.ts'

/** The widest models in the field have some dozens of inputs or outputs. */
export const SIDE_MAX = 1_024
/** The ONNX standard has some 200 operators, com.microsoft as many; functions of a model may add their own. */
export const OPERATORS_MAX = 2_000
/** metadata_props hold a description, labels, a licence; beyond this nobody reads them. */
export const METADATA_MAX = 256

const Domain = z.string().max(256)

export const ModelSummary = z.strictObject({
  /** [onnx.proto, ModelProto.ir_version] */
  irVersion: z.int().min(0),
  producer: z.string().max(512),
  /** The default domain is written `ai.onnx`. */
  opsets: z.array(z.strictObject({ domain: Domain, version: z.int().min(0) })).max(64),
  /** Without those that an initialiser fills; -1 is a dimension that may vary. */
  inputs: z.array(TensorSpec).max(SIDE_MAX),
  outputs: z.array(TensorSpec).max(SIDE_MAX),
  /** With those of subgraphs and functions. */
  operators: z
    .array(z.strictObject({ domain: Domain, name: z.string().max(256), count: z.int().min(1) }))
    .max(OPERATORS_MAX),
  /** Elements of all initialisers and constants. */
  parameterCount: z.int().min(0),
  metadata: z
    .record(z.string().max(512), z.string().max(65_536))
    .refine((metadata) => Object.keys(metadata).length <= METADATA_MAX, `at most ${METADATA_MAX} metadata properties`),
  /** Files beside the model that hold its weights, and how long each must at least be. */
  externalFiles: z.array(z.strictObject({ path: z.string().max(255), sizeBytes: z.int().min(0) })).max(1_024),
})
export type ModelSummary = z.infer<typeof ModelSummary>
