/** Conversion: the hub makes an ONNX file of a model of another framework. People then push the file. */
import * as z from 'zod'
import { Digest } from '../../values/digest.ts'
import { TensorSpec } from '../tensor.ts'

/** A forest of a hundred megabytes is too large for a device, and its JSON takes seconds to read. */
export const CONVERSION_BYTES_MAX = 128 * 1024 * 1024

/** The forms that the hub can read. It finds out by itself which one a file has. */
export const ModelForm = z.enum(['xgboost-json', 'estimator', 'lightgbm-text', 'pmml'])
export type ModelForm = z.infer<typeof ModelForm>

export const Conversion = z.strictObject({
  form: ModelForm,
  /** Such as `XGBoost 3.0.0`. */
  framework: z.string().max(300),
  /** What it was there, such as `binary:logistic, 100 trees`. */
  what: z.string().max(600),
  /** Of the ONNX file, which is a blob of the hub now. */
  digest: Digest,
  sizeBytes: z.int().min(1),
  inputs: z.array(TensorSpec),
  outputs: z.array(TensorSpec),
  /** The classes in the order of the probabilities. */
  classes: z.array(z.union([z.int(), z.string()])).optional(),
})
export type Conversion = z.infer<typeof Conversion>
