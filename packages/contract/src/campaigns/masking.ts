/**
 * Masking: the messages of a masked round, in which the hub receives sums of updates and no single one. Each stage has an
 * order for the devices, and each device answers once.
 */
import * as z from 'zod'
import { DeviceId } from '../values/ids.ts'

/** keys: public keys. shares: parts of secrets for neighbours. update: the masked weights. reveal: shares of masks. */
export const MaskStage = z.enum(['keys', 'shares', 'update', 'reveal'])
export type MaskStage = z.infer<typeof MaskStage>

/** Each other device learns the difference of its own update from the sum, so a sum of two hides nothing from it. */
export const MASKED_UPDATES_MIN = 3

/** Devices of one round. */
const DEVICES_MAX = 4_000

/** A secret has at most so many holders, because a share has a place of one byte. */
const NEIGHBOURS_MAX = 254

/** 32 bytes in base64url. */
const Bytes32 = z.string().length(43)

/** A place and 32 bytes in base64url. */
const Share = z.string().length(44)

/** Two sealed shares: 94 bytes in base64url. */
const Box = z.string().max(200)

export const CampaignMasks = z.strictObject({
  /** The largest change of one weight in a round. A larger one is cut to it. A smaller bound gives finer steps. */
  clip: z.number().gt(0).max(1_000).default(8),
})
export type CampaignMasks = z.infer<typeof CampaignMasks>

/** Not strict: a later hub may add fields. */
export const MaskOrder = z.discriminatedUnion('stage', [
  z.object({ stage: z.literal('keys') }),
  z.object({
    stage: z.literal('shares'),
    /** The shares that rebuild a secret. */
    threshold: z.int().min(1),
    neighbours: z
      .array(z.object({ device: DeviceId, channelKey: Bytes32, maskKey: Bytes32 }))
      .min(1)
      .max(NEIGHBOURS_MAX),
  }),
  z.object({
    stage: z.literal('update'),
    /** All devices that have sent shares. Each masks with those of its neighbours that are among them. */
    devices: z.array(DeviceId).max(DEVICES_MAX),
    boxes: z.array(z.object({ from: DeviceId, box: Box })).max(NEIGHBOURS_MAX),
    clip: z.number().gt(0),
    /** The width of each word, so that the sum of all devices does not wrap. */
    bits: z.int().min(8).max(31),
    /** A device weighs its update by its rows, divided by this number. */
    rowsMax: z.int().min(1),
    /** The device shortens a longer step to this length, because the hub cannot see it. */
    bound: z.number().gt(0).optional(),
  }),
  z.object({
    stage: z.literal('reveal'),
    uploaded: z.array(DeviceId).max(DEVICES_MAX),
    vanished: z.array(DeviceId).max(DEVICES_MAX),
  }),
])
export type MaskOrder = z.infer<typeof MaskOrder>

/** The body of the answer to an order for keys. The check of a seed shows a false share, and not the seed. */
export const MaskKeys = z.object({ channelKey: Bytes32, maskKey: Bytes32, seedCheck: Bytes32 })
export type MaskKeys = z.infer<typeof MaskKeys>

/** The body of the answer to an order for shares. Only the named device can open a box. */
export const MaskShares = z.object({ boxes: z.array(z.object({ to: DeviceId, box: Box })).max(NEIGHBOURS_MAX) })
export type MaskShares = z.infer<typeof MaskShares>

const Shares = z.array(z.object({ of: DeviceId, share: Share })).max(NEIGHBOURS_MAX + 1)

/** The body of the last answer: shares of the seeds of uploads, and of the keys of devices that vanished. */
export const MaskReveal = z.object({ seeds: Shares, keys: Shares })
export type MaskReveal = z.infer<typeof MaskReveal>
