/** The pairs in which a device takes part, and its state in them. */
import * as z from 'zod'
import { InterfaceName, PairDoor, PairRole, TakeReason, VirtualAddress } from '../pairs/pair.ts'
import { Digest } from '../values/digest.ts'
import { DeviceId, PairId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import type { HeldKind } from './held-document.ts'

/** A device is a member of one pair, and may be the witness of more. */
export const DEVICE_PAIRS_MAX = 16

/** The newest ended pairs of a device. A device that was away for longer goes on to wait for its pair. */
export const ENDED_PAIRS_MAX = 64

/** SHA-256 of a public key (SPKI in DER), as hexadecimal digits. */
const KeyHash = z.string().regex(/^[0-9a-f]{64}$/)

/** A device of a pair. `door` is absent until it has reported one. */
export const PairPeer = z.object({
  device: DeviceId,
  name: Name,
  key: KeyHash,
  door: PairDoor.optional(),
  /** A person has revoked, quarantined or wiped it: it has no vote, and no lease. */
  barred: z.boolean().optional(),
})
export type PairPeer = z.infer<typeof PairPeer>

/** Not strict: a later hub may add fields. */
export const PairOrder = z.object({
  pair: PairId,
  name: Name,
  members: z.tuple([PairPeer, PairPeer]),
  witness: PairPeer,
  address: VirtualAddress,
  interface: InterfaceName,
  /** A planned switch. `turn` counts them. */
  switch: z.object({ turn: z.int().min(1), to: DeviceId }).optional(),
})
export type PairOrder = z.infer<typeof PairOrder>

export const PairsDocument = z.object({
  v: z.literal(1),
  deviceId: DeviceId,
  revision: Digest,
  pairs: z.array(PairOrder).max(DEVICE_PAIRS_MAX),
  /** Pairs that a person has ended. A pair that is only missing goes on: the hub may be restored from a backup. */
  ended: z.array(PairId).max(ENDED_PAIRS_MAX).optional(),
})
export type PairsDocument = z.infer<typeof PairsDocument>

export const PairReport = z.object({
  pair: PairId,
  role: PairRole,
  epoch: z.int().min(0),
  /** By the device's wall clock. People read it, and nothing is decided by it. */
  sinceMs: InstantMs,
  reason: TakeReason.optional(),
  /** The last planned switch that it has obeyed. */
  doneTurn: z.int().min(0),
  unreached: z.array(Name).max(2),
  problem: z.string().max(500).optional(),
})
export type PairReport = z.infer<typeof PairReport>

/** Not strict: a later device may report more. */
export const HeldPairs = z.object({
  revision: Digest.optional(),
  /** Absent if the operator of the device allows no pair. */
  door: PairDoor.optional(),
  pairs: z.array(PairReport).max(DEVICE_PAIRS_MAX).default([]),
})
export type HeldPairs = z.infer<typeof HeldPairs>

/** The row of this document. */
export const PAIRS = { name: 'pairs', document: PairsDocument, held: HeldPairs } satisfies HeldKind<
  PairsDocument,
  HeldPairs
>
