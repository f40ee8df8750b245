/** The signatures that count for a device, as the hub sends them and as the device reports that it holds them. */
import * as z from 'zod'
import { TrustEnvelope } from '../models/trust.ts'
import type { HeldKind } from './held-document.ts'

/** Absent while the device goes by the keys that it learned when it joined. Not strict: a later device may report more. */
export const HeldTrust = z.object({ revision: z.int().min(1).optional() })
export type HeldTrust = z.infer<typeof HeldTrust>

/** The first comes at once, without an envelope if the device has the newest: from then on the device knows that it has. */
export const TrustMessage = z.object({ envelope: TrustEnvelope.optional() })
export type TrustMessage = z.infer<typeof TrustMessage>

/** The row of this document. */
export const TRUST = {
  name: 'trust',
  document: TrustMessage,
  held: HeldTrust,
} satisfies HeldKind<TrustMessage, HeldTrust>
