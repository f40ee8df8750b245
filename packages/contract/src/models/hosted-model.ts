/**
 * Hosted model: a model whose files another engine computes, such as a TensorRT plan, a SavedModel or OpenVINO IR. The
 * version has the files, and names the app on the device whose server loads them.
 */
import * as z from 'zod'
import { Name } from '../values/names.ts'
import { ServedModel } from './served-model.ts'

export const HostedModel = z.strictObject({
  v: z.literal(1),
  /** The app on the same device whose server loads the files. One of its services declares a model repository. */
  runtime: z.strictObject({
    app: Name,
    /** Its release. Absent: each release that has a model repository. A plan of TensorRT needs one release of it. */
    version: z.int().min(1).max(999_999_999).optional(),
  }),
  inputs: ServedModel.shape.inputs,
  outputs: ServedModel.shape.outputs,
})
export type HostedModel = z.infer<typeof HostedModel>
export type HostedRuntime = HostedModel['runtime']
