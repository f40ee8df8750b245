/**
 * Device refusal: how a device's report of a failed item counts for a rollout. A version is rejected if the device did
 * not even begin with it: the fault lies with the device, or with the author of the version. A version has failed if it
 * began and broke: the fault lies with the version.
 */
import type { Cause } from '@skerry/contract/devices/item'

/** The content of a report that decides. */
export type ItemOutcome = 'healthy' | 'failed' | 'rejected'

/** The codes with which a device rejects a version before it loads it; docs/reference/device-codes.md lists them, too. */
export const REJECTIONS: ReadonlySet<string> = new Set([
  // Its bytes and its signatures.
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
  // Its format and size on this device.
  'format_unsupported',
  'memory_insufficient',
  'model_opset_unsupported',
])

/** How a failed item counts. An unknown code, such as a newer agent's, means that it broke. */
export const failureOf = (cause: Cause | undefined): 'failed' | 'rejected' =>
  cause !== undefined && REJECTIONS.has(cause.code) ? 'rejected' : 'failed'
