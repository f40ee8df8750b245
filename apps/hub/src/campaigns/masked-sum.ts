/**
 * Masked sum: the mean step of a masked round. The hub adds the masked updates one after the other, and takes the masks
 * that are left out of the sum. It never has the update of a single device.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import { MaskKeys, MaskReveal } from '@skerry/contract/campaigns/masking'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { CampaignCourse } from '@skerry/core/campaigns/course'
import type { Revealed } from '@skerry/core/masking/client'
import { meanOfWords, wordBits } from '@skerry/core/masking/quantise'
import { type LeftMask, planUnmasking, type UnmaskRefusal, unmaskSum } from '@skerry/core/masking/server'
import { addWords } from '@skerry/core/masking/words'
import { agreedSeed, expandWords, maskPublicKey, seedCheck } from '@skerry/platform/sealing/mask-keys'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import type { CampaignTable } from '../store/tables/learning/campaign-tables.ts'
import type { Update } from './aggregate.ts'
import { readBlob } from './campaign-blobs.ts'
import { messagesTo } from './mask-store.ts'
import { maskedDevices, maskPlanOf, neighboursOfSum } from './masked-round.ts'

type Summing = { row: CampaignTable; course: CampaignCourse; updates: readonly Update[] }

export type MaskedStep = { ok: true; step: Float64Array; updates: number; word: number } | { ok: false; reason: string }

export async function maskedStep(hub: Hub, it: Summing, signal: AbortSignal): Promise<MaskedStep> {
  const masked = await maskedWords(hub, it, signal)
  if (!masked.ok) return masked
  const { privacy } = fromJson(it.row.spec)
  const quantisation = { clip: privacy?.masks?.clip ?? 1, bits: wordBits(masked.devices) }
  const count = masked.uploaded
  const step = meanOfWords(masked.sum, count, quantisation)
  const word = (2 * quantisation.clip) / (2 ** quantisation.bits - 1)
  return step
    ? { ok: true, step, updates: count, word }
    : { ok: false, reason: 'no update in the masked sum has a weight' }
}

/** The sum of words without masks, of the uploads, and the number of the devices that share the words. */
type MaskedWords = { ok: true; sum: Uint32Array; devices: number; uploaded: number } | { ok: false; reason: string }

/** The sum of the words of all uploads, without their masks. */
export async function maskedWords(hub: Hub, it: Summing, signal: AbortSignal): Promise<MaskedWords> {
  const { row, course, updates } = it
  const { db } = hub.store
  const attempt = { campaign: row.id, round: course.round, attempt: course.attempt }
  const plan = await maskPlanOf(db, it)
  const masked = await maskedDevices(db, it)
  const keys = await keysOf(hub, attempt)
  const unmasking = planUnmasking({
    neighbours: neighboursOfSum(plan, masked),
    uploaded: new Set(masked.uploaded),
    answers: await answersOf(hub, attempt),
    threshold: plan.threshold,
    minimum: fromJson(row.spec).participants.minimum,
  })
  if (!unmasking.ok) return { ok: false, reason: refusalText(unmasking) }
  const wrong = unmasking.masks.find((mask) => !isSound(mask, keys))
  if (wrong) return { ok: false, reason: 'a device revealed a false share of a mask, so the sum stays masked' }
  const sum = await sumOf(hub, Number(row.elements) + 1, updates, signal)
  for (const mask of unmasking.masks) {
    unmaskSum(sum, [mask], {
      expand: expandWords,
      agree: (key, _vanished, client) => agreedSeed(key, keys.get(client as DeviceId)?.maskKey ?? '', 'mask'),
    })
    await breathe()
  }
  return { ok: true, sum, devices: masked.devices.length, uploaded: masked.uploaded.length }
}

type Attempt = Parameters<typeof messagesTo>[1]

async function keysOf(hub: Hub, attempt: Attempt): Promise<Map<DeviceId, MaskKeys>> {
  const messages = await messagesTo(hub.store.db, attempt, 'keys')
  return new Map([...messages].map(([device, content]) => [device, MaskKeys.parse(JSON.parse(content))]))
}

async function answersOf(hub: Hub, attempt: Attempt): Promise<Revealed[]> {
  const messages = await messagesTo(hub.store.db, attempt, 'reveal')
  const sharesIn = (shares: MaskReveal['seeds']) =>
    new Map(shares.map(({ of, share }) => [of, new Uint8Array(Buffer.from(share, 'base64url'))]))
  return [...messages.values()].map((content) => {
    const { seeds, keys } = MaskReveal.parse(JSON.parse(content))
    return { seeds: sharesIn(seeds), keys: sharesIn(keys) }
  })
}

/** A false share gives another secret, which would spoil the sum without a trace. */
function isSound(mask: LeftMask, keys: ReadonlyMap<DeviceId, MaskKeys>): boolean {
  if (mask.kind === 'own') return keys.get(mask.client as DeviceId)?.seedCheck === seedCheck(mask.seed)
  return keys.get(mask.vanished as DeviceId)?.maskKey === maskPublicKey(mask.key)
}

async function sumOf(hub: Hub, words: number, updates: readonly Update[], signal: AbortSignal): Promise<Uint32Array> {
  const sum = new Uint32Array(words)
  for (const { digest } of updates) {
    const bytes = await readBlob(hub, { digest, sizeBytes: words * 4 }, signal)
    addWords(sum, new Uint32Array(bytes.buffer, bytes.byteOffset, words))
    // One update of 8 M words takes some 20 ms; other callers get their turn between two.
    await breathe()
  }
  return sum
}

const refusalText = ({ code, found, needed }: UnmaskRefusal): string =>
  code === 'masking_few'
    ? `the round got ${found} of ${needed} masked updates`
    : `devices revealed ${found} of ${needed} shares of a mask, so the sum stays masked`
