/** Reset: what else opens an account whose password is chosen anew. */
import * as z from 'zod'
import { KeyId } from '../values/ids.ts'
import { Name } from '../values/names.ts'

/** Everything beside the password that opens the account, in all organisations of the person. */
export const WaysIn = z.strictObject({
  /** The names that the person gave. */
  passkeys: z.array(z.string()),
  /** As people know them. */
  providers: z.array(z.string()),
  /** An authenticator that shows codes. */
  hasSecondFactor: z.boolean(),
  /** Keys of command lines that act as the person. */
  keys: z.array(z.strictObject({ id: KeyId, name: z.string(), organisation: Name })),
})
export type WaysIn = z.infer<typeof WaysIn>

/** A person has some command lines; a hundred are more than anybody looks through. */
export const KEPT_KEYS_MAX = 100

/** What a reset has to show before it is done. */
export const ResetOutlook = z.strictObject({
  /** Nobody has proved the address so far: everything listed may be somebody else's, and is removed. */
  isFirstProof: z.boolean(),
  ways: WaysIn,
})
export type ResetOutlook = z.infer<typeof ResetOutlook>

/** What a reset has done. */
export const ResetResult = z.strictObject({ isFirstProof: z.boolean(), removed: WaysIn, left: WaysIn })
export type ResetResult = z.infer<typeof ResetResult>
