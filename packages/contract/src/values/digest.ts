/** Names of bytes: what moves between hub and devices is called by its sha256, so a name can never mean two things. */
import * as z from 'zod'

/** `sha256:` and 64 lower-case hex digits, as OCI writes digests. One spelling only: two would be two names for one blob. */
export const Digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 lower-case hex digits')
  .brand<'Digest'>()
export type Digest = z.infer<typeof Digest>
