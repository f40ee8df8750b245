/** What an ONNX file says about itself: enough to list it, check a request against it and place it, without a runtime. */
import * as z from 'zod'
import { TensorSpec } from './tensor.ts'

/** A language model with a cache has four tensors a layer and at most a few hundred layers. */
export const MODEL_TENSORS_MAX = 1_024

/** ONNX and its runtimes define some 400 operators; a model's own functions add to them. */
export const MODEL_OPERATORS_MAX = 2_000

/** Exporters keep labels and versions here; longer values (vocabularies, whole configurations) stay in the file. */
export const METADATA_VALUE_MAX = 4_096
export const METADATA_ENTRIES_MAX = 64

/** One tensor per file is a usual way to store external data, and `files` of a version hold no more than this. */
export const EXTERNAL_FILES_MAX = 1_023

/** Names of domains and operators are identifiers; none in use reaches half of this. */
export const IDENTIFIER_MAX = 256
const Identifier = z.string().min(1).max(IDENTIFIER_MAX)

/** A model imports the two or three domains that it uses; exporters with a domain a module name a few dozen. */
export const OPSETS_MAX = 256

export const OperatorSet = z.strictObject({ domain: Identifier, version: z.int().min(1) })
export type OperatorSet = z.infer<typeof OperatorSet>

export const OperatorUse = z.strictObject({ domain: Identifier, name: Identifier, count: z.int().min(1) })
export type OperatorUse = z.infer<typeof OperatorUse>

export const ExternalFile = z.strictObject({
  path: z.string().min(1).max(255),
  /** The file must hold at least this much. */
  sizeBytes: z.int().min(0),
})
export type ExternalFile = z.infer<typeof ExternalFile>

export const ModelSummary = z.strictObject({
  /** [ONNX IR specification] The version of the file format. */
  irVersion: z.int().min(1),
  /** The tool that wrote the file and its version; empty where the file does not say. */
  producer: z.string().max(IDENTIFIER_MAX),
  /** `ai.onnx` is the default domain's name here. Sorted by domain. */
  opsets: z.array(OperatorSet).min(1).max(OPSETS_MAX),
  /** What a caller must give: inputs that have an initialiser are left out. */
  inputs: z.array(TensorSpec).max(MODEL_TENSORS_MAX),
  outputs: z.array(TensorSpec).min(1).max(MODEL_TENSORS_MAX),
  /** Outputs whose rank only a runtime can tell; their shape above is []. */
  unrankedOutputs: z.array(z.string()).max(MODEL_TENSORS_MAX),
  /** Nodes by operator, those of subgraphs and functions too. Sorted by domain and name. */
  operators: z.array(OperatorUse).max(MODEL_OPERATORS_MAX),
  /** Elements of all initialisers and constants. */
  parameterCount: z.int().min(0),
  metadata: z
    .array(z.strictObject({ key: z.string().max(IDENTIFIER_MAX), value: z.string().max(METADATA_VALUE_MAX) }))
    .max(METADATA_ENTRIES_MAX),
  /** Entries that were too long or too many to be listed. */
  metadataOmittedCount: z.int().min(0),
  /** Files that hold weights and must lie beside the model. Sorted by path. */
  externalFiles: z.array(ExternalFile).max(EXTERNAL_FILES_MAX),
})
export type ModelSummary = z.infer<typeof ModelSummary>
