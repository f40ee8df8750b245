/**
 * Device refusal: what a device's report of a failed item means for a rollout. A version that the device would not even begin with is
 * rejected: that tells of the device, or of who made the version. One that began and broke has failed: that tells of the version.
 */
import type { Cause } from '@skerry/contract/devices/item'

/** What a report that decides says. */
export type Heard = 'healthy' | 'failed' | 'rejected'

/** The codes with which a device refuses a version before it loads it; docs/reference/device-codes.md says the same. */
export const REJECTIONS: ReadonlySet<string> = new Set([
  // Its bytes and who vouches for them.
  'version_damaged',
  'signature_missing',
  'signature_invalid',
  'signature_untrusted',
  'signature_mismatch',
  'signature_revoked',
  'signature_policy',
  // Whether the agent can read it.
  'kind_unknown',
  'item_unreadable',
  // Whether it fits.
  'format_unsupported',
  'memory_insufficient',
  'model_opset_unsupported',
])

/** How an item that failed counts. A code that is not known here, as of a newer agent, says that it broke. */
export const failureOf = (cause: Cause | undefined): 'failed' | 'rejected' =>
  cause !== undefined && REJECTIONS.has(cause.code) ? 'rejected' : 'failed'
