/**
 * Served model: a model that an app on the device answers for, with a runtime of its own, such as one for a GPU. The
 * version has no weights: it names the app, the model in its server, and the tensors.
 */
import * as z from 'zod'
import { GOLDEN_TENSORS_MAX } from '../devices/golden.ts'
import { Name } from '../values/names.ts'
import { TensorSpec } from './tensor.ts'

/** A name of a model in a server. It becomes a part of a path, so it has no slash, and is neither `.` nor `..`. */
export const ServerModelName = z
  .string()
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/, 'must be letters, digits, dots, dashes and _')

/** A request carries all of its inputs, so it has no more of them than a golden case. */
const Tensors = z
  .array(TensorSpec)
  .min(1)
  .max(GOLDEN_TENSORS_MAX)
  .refine((specs) => new Set(specs.map(({ name }) => name)).size === specs.length, 'two tensors have one name')

export const ServedModel = z.strictObject({
  v: z.literal(1),
  /** The app on the same device. One of its services declares that it serves the model. */
  app: Name,
  /** The name of the model in that server. */
  model: ServerModelName,
  inputs: Tensors,
  outputs: Tensors,
})
export type ServedModel = z.infer<typeof ServedModel>
