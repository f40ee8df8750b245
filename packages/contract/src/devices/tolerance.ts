/** Tolerance: how far the answers of a model or a flow may be from their reference. */
import * as z from 'zod'

/** How far an output may be from its reference: |a - b| <= absolute + relative * |b|. */
export const Tolerance = z.strictObject({
  absolute: z.number().min(0),
  relative: z.number().min(0),
})
export type Tolerance = z.infer<typeof Tolerance>
