/** Data set: reference files that devices have as a whole: label maps, recipes, limits, tables of calibration. */
import * as z from 'zod'

export const DataSet = z.strictObject({
  v: z.literal(1),
  /** For people: the meaning of the files. */
  description: z.string().max(500).optional(),
})
export type DataSet = z.infer<typeof DataSet>
