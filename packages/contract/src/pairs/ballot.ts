/**
 * Ballots: the requests that devices of a pair send each other, over mutual TLS with the keys that the hub has named in
 * their documents. No hub takes part:
 *
 *     POST /v1/pairs/{pair}/ballot   grants the lease of the pair to the caller, or rejects
 */
import * as z from 'zod'
import { DeviceId } from '../values/ids.ts'

/** Not strict: a later device may add fields. */
export const PairBallot = z.object({
  kind: z.enum(['trial', 'grant', 'release']),
  epoch: z.int().min(1),
})
export type PairBallot = z.infer<typeof PairBallot>

export const PairVerdict = z.object({
  isGranted: z.boolean(),
  epoch: z.int().min(0),
  holder: DeviceId.optional(),
})
export type PairVerdict = z.infer<typeof PairVerdict>

/** A ballot has a few dozen bytes. */
export const BALLOT_BYTES_MAX = 4_096
