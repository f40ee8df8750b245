/** Grid: counts of the values of a tag in bins of one width. From it the hub makes the bins of a reference. */
import * as z from 'zod'

/** With 64 bins, an edge lies at most a sixty-fourth of twice the range beside the wanted share. */
export const GRID_BINS_MAX = 64

/** The finest width, 2^-40, is 1e-12: finer than the noise of any sensor. */
export const GRID_POWER_MIN = -40

/** Bin i has the values from (first + i) times 2^power on. The first and the last one are not empty. */
export const Grid = z.strictObject({
  power: z.int().min(GRID_POWER_MIN).max(200),
  first: z.number(),
  counts: z.array(z.number().min(0).max(1e12)).min(1).max(GRID_BINS_MAX),
  /** All values are whole numbers. */
  isWhole: z.boolean(),
})
export type Grid = z.infer<typeof Grid>
