/**
 * Golden cases: stored inputs of a model and the outputs a reference gave for them. Every device runs them on its own
 * hardware before it serves a version, which is how answers stay the same across places.
 */
import * as z from 'zod'
import { Tensor } from '../models/tensor.ts'
import { Tolerance } from './tolerance.ts'

export type { Tolerance } from './tolerance.ts'

/** Golden inputs with their reference outputs, signed with the rest. For a flow: the outputs of its recording. */
export const GOLDEN_PATH = 'golden.json'

/** A slow model (1 s a run) must pass its check in well under the minute that an activation may take. */
export const GOLDEN_CASES_MAX = 32

/** The cases travel to every device with the version, over cellular links too; a dozen recogniser outputs still fit. */
export const GOLDEN_BASE64_CHARACTERS_MAX = 16 * 1024 * 1024

/** The widest models in the field have some dozens of inputs; each becomes an allocation on a small device. */
export const GOLDEN_TENSORS_MAX = 128

/** The tensors of one side of a case, by their names. */
export const NamedTensors = z
  .record(z.string().min(1).max(512), Tensor)
  .refine((tensors) => Object.keys(tensors).length <= GOLDEN_TENSORS_MAX, {
    error: `a golden case may have at most ${GOLDEN_TENSORS_MAX} tensors a side`,
  })

/** A case that a runtime answers. */
export type GoldenInputCase = { inputs: Record<string, Tensor> }

/** A case as a person pushes it. */
export const PushedCase = z.strictObject({
  inputs: NamedTensors,
  /** The answers of the framework that trained the model, or some of them. The hub compares its own with them. */
  outputs: NamedTensors.refine((outputs) => Object.keys(outputs).length > 0, {
    error: 'expected outputs must name an output; leave them out otherwise',
  }).optional(),
})

export const GoldenCase = z.strictObject({ inputs: NamedTensors, outputs: NamedTensors })
export type GoldenCase = z.infer<typeof GoldenCase>

const TOO_MUCH = {
  error: `golden cases may hold at most ${GOLDEN_BASE64_CHARACTERS_MAX} characters of base64: use fewer or smaller cases`,
}

/** Golden inputs as a person pushes them; the hub adds missing outputs. Without a tolerance the hub takes its default. */
export const GoldenInputs = z
  .strictObject({
    tolerance: Tolerance.optional(),
    cases: z.array(PushedCase).min(1).max(GOLDEN_CASES_MAX),
  })
  .refine(
    ({ cases }) =>
      charactersOf(cases.flatMap(({ inputs, outputs = {} }) => [inputs, outputs])) <= GOLDEN_BASE64_CHARACTERS_MAX,
    TOO_MUCH,
  )
export type GoldenInputs = z.infer<typeof GoldenInputs>

/** Golden cases as they rest with a version, with the outputs that count as right. */
export const Golden = z
  .strictObject({
    tolerance: Tolerance,
    cases: z.array(GoldenCase).min(1).max(GOLDEN_CASES_MAX),
  })
  .refine(
    ({ cases }) =>
      charactersOf(cases.flatMap(({ inputs, outputs }) => [inputs, outputs])) <= GOLDEN_BASE64_CHARACTERS_MAX,
    TOO_MUCH,
  )
export type Golden = z.infer<typeof Golden>

/**
 * The origin of the expected outputs: the hub's runtime, the person who pushed the version, or both, each for some
 * outputs.
 */
export const GoldenSource = z.enum(['hub', 'pushed', 'mixed'])
export type GoldenSource = z.infer<typeof GoldenSource>

/** The characters of base64 that these tensors hold. */
export const charactersOf = (sides: z.infer<typeof NamedTensors>[]) =>
  sides.flatMap((side) => Object.values(side)).reduce((sum, { data }) => sum + data.length, 0)
