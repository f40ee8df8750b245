/** Reset: the other ways into an account whose password is reset. */
import * as z from 'zod'
import { KeyId } from '../values/ids.ts'
import { Name } from '../values/names.ts'

/** All other ways into the account, without the password, in all organisations of the person. */
export const WaysIn = z.strictObject({
  /** The names that the person gave. */
  passkeys: z.array(z.string()),
  /** By the names that people know. */
  providers: z.array(z.string()),
  /** An authenticator that shows codes. */
  hasSecondFactor: z.boolean(),
  /** Keys of command lines that act as the person. */
  keys: z.array(z.strictObject({ id: KeyId, name: z.string(), organisation: Name })),
})
export type WaysIn = z.infer<typeof WaysIn>

/** A person has some command lines; a hundred are more than anybody looks through. */
export const KEPT_KEYS_MAX = 100

/** The facts that a reset shows before it is done. */
export const ResetOutlook = z.strictObject({
  /** The address has never been proved: everything listed may be somebody else's, and is removed. */
  isFirstProof: z.boolean(),
  ways: WaysIn,
})
export type ResetOutlook = z.infer<typeof ResetOutlook>

/** The result of a reset. */
export const ResetResult = z.strictObject({ isFirstProof: z.boolean(), removed: WaysIn, left: WaysIn })
export type ResetResult = z.infer<typeof ResetResult>
