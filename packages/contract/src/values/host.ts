/** Host: a name or an address, as people write it for equipment. */
import * as z from 'zod'

export const Host = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9_.:-]+$/, 'must be a host name or address')
