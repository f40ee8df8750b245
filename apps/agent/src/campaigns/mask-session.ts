/**
 * Mask session: the secrets of this device in one attempt of a masked round, in memory only. Each stage is answered once.
 * The device checks itself that no answer can reveal its own update, or that of another device.
 */
import {
  MASKED_UPDATES_MIN,
  type MaskKeys,
  type MaskOrder,
  type MaskReveal,
  type MaskShares,
} from '@skerry/contract/campaigns/masking'
import type { DeviceId } from '@skerry/contract/values/ids'
import { type HeldShares, maskUpdate, type RevealQuestion, revealShares } from '@skerry/core/masking/client'
import { splitSecret } from '@skerry/core/masking/shamir'
import { agreedSeed, expandWords, type MaskKey, newMaskKey, seedCheck } from '@skerry/platform/sealing/mask-keys'
import { openBox, sealBox } from '@skerry/platform/sealing/secret-box'

export type MaskSession = {
  device: DeviceId
  channel: MaskKey
  mask: MaskKey
  seed: Uint8Array
  /** The public keys of the neighbours, from the order for shares on. */
  near: Map<DeviceId, { channelKey: string; maskKey: string }> | undefined
  threshold: number
  /** The shares that this device holds, by the device that they are of. */
  held: Map<DeviceId, HeldShares>
  /** All devices that mask, from the order for the update on. */
  devices: ReadonlySet<DeviceId> | undefined
  answered: RevealQuestion | undefined
}

export type MaskAnswer<T> = { ok: true; value: T } | { ok: false; code: string; message: string }

type Stage<Name extends MaskOrder['stage']> = Extract<MaskOrder, { stage: Name }>

export function openMaskSession(device: DeviceId, random: (count: number) => Uint8Array): MaskSession {
  const begun = { near: undefined, threshold: 0, devices: undefined, answered: undefined }
  return { device, channel: newMaskKey(), mask: newMaskKey(), seed: random(32), held: new Map(), ...begun }
}

export const sessionKeys = ({ channel, mask, seed }: MaskSession): MaskKeys => ({
  channelKey: channel.publicKey,
  maskKey: mask.publicKey,
  seedCheck: seedCheck(seed),
})

const refuse = (code: string, message: string) => ({ ok: false as const, code, message })

/** Splits both secrets among the neighbours and itself. A second split would give the hub other holders. */
export function sessionShares(
  session: MaskSession,
  { threshold, neighbours }: Stage<'shares'>,
  random: (count: number) => Uint8Array,
): MaskAnswer<MaskShares> {
  if (session.near) return refuse('masking_repeated', 'the device has already shared its secrets in this round')
  const near = new Map(neighbours.map(({ device, ...keys }) => [device, keys]))
  const holders = near.size + 1
  if (near.has(session.device) || near.size !== neighbours.length)
    return refuse('masking_unsafe', 'the hub names a neighbour twice')
  // With half of the holders or fewer, two groups of them could be asked for both secrets of one device.
  if (threshold * 2 <= holders || threshold > holders || holders < MASKED_UPDATES_MIN)
    return refuse('masking_unsafe', `${threshold} of ${holders} shares would not protect the update of the device`)
  session.near = near
  session.threshold = threshold
  const sharing = { holders, threshold }
  const seeds = splitSecret(session.seed, sharing, random)
  const keys = splitSecret(session.mask.secret, sharing, random)
  const shareAt = (at: number): HeldShares => ({
    seed: seeds[at] ?? new Uint8Array(),
    key: keys[at] ?? new Uint8Array(),
  })
  session.held.set(session.device, shareAt(near.size))
  const boxes = [...near].map(([to, { channelKey }], at) => {
    const { seed, key } = shareAt(at)
    const sealing = agreedSeed(session.channel.secret, channelKey, 'shares')
    const box = sealBox(sealing, Buffer.concat([seed, key]), `${session.device} ${to}`)
    return { to, box: Buffer.from(box).toString('base64url') }
  })
  return { ok: true, value: { boxes } }
}

/** Masks the words of the update. Two updates under the same masks would show their difference, so it works once. */
export function sessionMask(
  session: MaskSession,
  { devices, boxes }: Stage<'update'>,
  words: Uint32Array,
): MaskAnswer<Uint32Array> {
  const { near, device } = session
  if (!near) return refuse('masking_unsafe', 'the hub wants an update before the shares')
  if (session.devices) return refuse('masking_repeated', 'the device has already masked an update in this round')
  const all = new Set(devices)
  const shared = [...near].filter(([id]) => all.has(id))
  if (!all.has(device) || all.size < MASKED_UPDATES_MIN || shared.length + 1 < session.threshold)
    return refuse('masking_few', `too few devices mask in this round to hide an update: ${all.size}`)
  for (const { from, box } of boxes) {
    const keys = near.get(from)
    const shares = keys && openShares(session, { from, box, channelKey: keys.channelKey })
    if (!shares) return refuse('masking_box', `the shares of ${from} cannot be opened`)
    session.held.set(from, shares)
  }
  session.devices = all
  const pairs = new Map(shared.map(([id, { maskKey }]) => [id, agreedSeed(session.mask.secret, maskKey, 'mask')]))
  return { ok: true, value: maskUpdate(words, { id: device, seed: session.seed, pairs, expand: expandWords }) }
}

/** A share has its place and 32 bytes. */
const SHARE_BYTES = 33

type Sealed = { from: DeviceId; box: string; channelKey: string }

function openShares({ channel, device }: MaskSession, { from, box, channelKey }: Sealed): HeldShares | undefined {
  const opening = agreedSeed(channel.secret, channelKey, 'shares')
  const both = openBox(opening, Buffer.from(box, 'base64url'), `${from} ${device}`)
  if (both?.length !== 2 * SHARE_BYTES) return undefined
  return { seed: new Uint8Array(both.subarray(0, SHARE_BYTES)), key: new Uint8Array(both.subarray(SHARE_BYTES)) }
}

const REFUSALS = {
  masking_both: 'the hub asks for both secrets of one device',
  masking_unknown: 'the hub names a device that does not mask in this round',
  masking_few: 'the sum has too few updates to hide one',
  masking_answered: 'the device has answered another question in this round',
} as const

/** The shares of the masks in the sum: of seeds for uploads, and of keys for devices that vanished. */
export function sessionReveal(session: MaskSession, order: Stage<'reveal'>): MaskAnswer<MaskReveal> {
  const question = { uploaded: order.uploaded, vanished: order.vanished }
  const { held, devices, answered } = session
  if (!devices) return refuse('masking_unsafe', 'the hub asks for shares before the update')
  const answer = revealShares({ question, held, clients: devices, minimum: MASKED_UPDATES_MIN, answered })
  if (!answer.ok) return refuse(answer.code, REFUSALS[answer.code])
  session.answered = question
  const { seeds, keys } = answer.revealed
  return { ok: true, value: { seeds: sharesOf(seeds), keys: sharesOf(keys) } }
}

const sharesOf = (shares: ReadonlyMap<string, Uint8Array>) =>
  [...shares].map(([of, share]) => ({ of: of as DeviceId, share: Buffer.from(share).toString('base64url') }))
