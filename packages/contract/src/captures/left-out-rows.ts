/** Left-out rows: captured rows of a device that no campaign trains on, counted by the reason. */
import * as z from 'zod'

/** Not strict: a later device may count more. */
export const LeftOutRows = z.object({
  unlabelled: z.int().min(0),
  /** The capture empties some of their inputs. */
  redacted: z.int().min(0),
  /** Their inputs are texts, are not finite, or are several without a chosen one. */
  input: z.int().min(0),
  /** The label is no class, or no number. */
  label: z.int().min(0),
  /** Most other rows have another shape. */
  shape: z.int().min(0),
})
export type LeftOutRows = z.infer<typeof LeftOutRows>
