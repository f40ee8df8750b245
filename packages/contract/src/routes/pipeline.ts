/**
 * Pipelines: routes whose requests pass through several models one after the other, on any devices that serve them. The
 * gateway keeps the tensors of a request, and gives each stage those that it takes.
 */
import * as z from 'zod'
import { MODEL_TENSORS_MAX } from '../models/model-summary.ts'
import { Name } from '../values/names.ts'

/** Each stage adds a way to a device and back. More of them are slower than the whole model in one place. */
export const PIPELINE_STAGES_MAX = 8

/** A version, and not a model: stages of two cuts of a model take other tensors, and must never meet. */
export const PipelineStage = z.strictObject({ model: Name, version: z.int().min(1) })
export type PipelineStage = z.infer<typeof PipelineStage>

export const Pipeline = z.strictObject({
  /** In the order of a request. */
  stages: z.array(PipelineStage).min(2).max(PIPELINE_STAGES_MAX),
  /** The tensors that a caller gets. By default those that no later stage takes. */
  outputs: z
    .array(z.string().min(1).max(512))
    .min(1)
    .max(MODEL_TENSORS_MAX)
    .refine((names) => new Set(names).size === names.length, 'names an output twice')
    .optional(),
  /**
   * Requests that wait for a place of a stage, beside those that its places work on. If the first stage has no room, the
   * caller gets 429. A later stage without room holds the requests in the stage before it.
   */
  queue: z.int().min(0).max(1_024).default(16),
})
export type Pipeline = z.infer<typeof Pipeline>
