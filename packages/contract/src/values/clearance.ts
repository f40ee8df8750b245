/** Clearance: the classes of data, and how much of them a site, or a destination, may handle. */
import * as z from 'zod'

/**
 * The class of data, from least to most sensitive. A site with a clearance may handle data of this class and of the
 * classes below it.
 */
export const Clearance = z.enum(['public', 'internal', 'confidential', 'restricted'])
export type Clearance = z.infer<typeof Clearance>
