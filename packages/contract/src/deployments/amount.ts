/** Amounts of devices, as people write them. */
import * as z from 'zod'

/** A number of devices, or a share of those that the deployment picks, rounded up: `5` or `"10%"`. */
export const Amount = z.union([
  z.int().min(0).max(1_000_000),
  z.string().regex(/^(100|[1-9]?[0-9])(\.[0-9]{1,2})?%$/, 'must be a whole number or a percentage such as 10%'),
])
export type Amount = z.infer<typeof Amount>
