/** Mask sessions against the hub's arithmetic: sums of masked words are those of the plain words. */
import { randomBytes } from 'node:crypto'
import type { MaskKeys, MaskReveal, MaskShares } from '@skerry/contract/campaigns/masking'
import type { DeviceId } from '@skerry/contract/values/ids'
import { planMasks, sharedNeighbours } from '@skerry/core/campaigns/masked-round'
import { planUnmasking, unmaskSum } from '@skerry/core/masking/server'
import { addWords } from '@skerry/core/masking/words'
import { agreedSeed, expandWords, maskPublicKey, seedCheck } from '@skerry/platform/sealing/mask-keys'
import { expect, test } from 'vitest'
import {
  type MaskAnswer,
  type MaskSession,
  openMaskSession,
  sessionKeys,
  sessionMask,
  sessionReveal,
  sessionShares,
} from './mask-session.ts'

const WORDS = 9
const CHANCE = { seed: 1, round: 1, attempt: 1 }
const UPDATE = { stage: 'update', clip: 1, bits: 20, rowsMax: 1 } as const

function goodAnswer<T>(answer: MaskAnswer<T>): T {
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`)
  return answer.value
}

const devicesOf = (count: number) =>
  Array.from({ length: count }, (_, at) => `dev_${'abcdef'.charAt(at).repeat(12)}` as DeviceId)

/** The stages up to the shares, as the hub passes their messages on. */
function shareAll(devices: readonly DeviceId[]) {
  const plan = planMasks(devices, CHANCE)
  const sessions = new Map(devices.map((device) => [device, openMaskSession(device, randomBytes)]))
  const sessionOf = (device: DeviceId): MaskSession => sessions.get(device) ?? openMaskSession(device, randomBytes)
  const keys = new Map<DeviceId, MaskKeys>(devices.map((device) => [device, sessionKeys(sessionOf(device))]))
  const neighboursOf = (device: DeviceId) =>
    (plan.neighbours.get(device) ?? []).map((id) => ({ device: id, ...(keys.get(id) as MaskKeys) }))
  const sharesOrder = (device: DeviceId) =>
    ({ stage: 'shares', threshold: plan.threshold, neighbours: neighboursOf(device) }) as const
  const shares = new Map<DeviceId, MaskShares>()
  for (const device of devices)
    shares.set(device, goodAnswer(sessionShares(sessionOf(device), sharesOrder(device), randomBytes)))
  const boxesFor = (device: DeviceId, from: readonly DeviceId[]) =>
    from.flatMap((id) => {
      const box = shares.get(id)?.boxes.find(({ to }) => to === device)?.box
      return box === undefined ? [] : [{ from: id, box }]
    })
  return { plan, keys, sessionOf, sharesOrder, boxesFor }
}

/** Each device shares, uploads and reveals, or leaves before one of them. */
function sumWith(fates: readonly number[]) {
  const devices = devicesOf(fates.length)
  const fateOf = (device: DeviceId) => fates[devices.indexOf(device)] ?? 0
  const { plan, keys, sessionOf, boxesFor } = shareAll(devices)
  const sharers = devices.filter((device) => fateOf(device) >= 1)
  const plain = new Uint32Array(WORDS)
  const sum = new Uint32Array(WORDS)
  const uploaded = sharers.filter((device) => fateOf(device) >= 2)
  for (const device of uploaded) {
    const words = new Uint32Array(new Uint8Array(randomBytes(WORDS * 4)).buffer)
    const masked = sessionMask(
      sessionOf(device),
      { ...UPDATE, devices: sharers, boxes: boxesFor(device, sharers) },
      words,
    )
    if (!masked.ok) return { kind: masked.code }
    addWords(plain, words)
    addWords(sum, masked.value)
  }
  const question = { uploaded, vanished: sharers.filter((device) => !uploaded.includes(device)) }
  const reveals: MaskReveal[] = []
  for (const device of uploaded.filter((one) => fateOf(one) === 3)) {
    const answer = sessionReveal(sessionOf(device), { stage: 'reveal', ...question })
    if (!answer.ok) return { kind: answer.code }
    reveals.push(answer.value)
  }
  const bytesOf = (parts: MaskReveal['seeds']) =>
    new Map(parts.map(({ of, share }) => [of, new Uint8Array(Buffer.from(share, 'base64url'))]))
  const unmasking = planUnmasking({
    neighbours: sharedNeighbours(plan, new Set(sharers)),
    uploaded: new Set(uploaded),
    answers: reveals.map((one) => ({ seeds: bytesOf(one.seeds), keys: bytesOf(one.keys) })),
    threshold: plan.threshold,
    minimum: 3,
  })
  if (!unmasking.ok) return { kind: unmasking.code }
  for (const mask of unmasking.masks) {
    if (mask.kind === 'own') expect(seedCheck(mask.seed)).toBe(keys.get(mask.client as DeviceId)?.seedCheck)
    else expect(maskPublicKey(mask.key)).toBe(keys.get(mask.vanished as DeviceId)?.maskKey)
  }
  const agree = (key: Uint8Array, _vanished: string, client: string) =>
    agreedSeed(key, keys.get(client as DeviceId)?.maskKey ?? '', 'mask')
  unmaskSum(sum, unmasking.masks, { expand: expandWords, agree })
  return { kind: 'sum', sum, plain }
}

test.each([3, 4])('of %i devices, the masked sum is the plain sum wherever each device leaves the round', (count) => {
  const kinds = new Map<string, number>()
  for (let pattern = 0; pattern < 4 ** count; pattern += 1) {
    const fates = Array.from({ length: count }, (_, at) => Math.floor(pattern / 4 ** at) % 4)
    const result = sumWith(fates)
    kinds.set(result.kind, (kinds.get(result.kind) ?? 0) + 1)
    if (result.kind === 'sum') expect(result.sum, fates.join()).toEqual(result.plain)
    // With all shares and three updates there must be a sum.
    if (fates.every((fate) => fate === 3)) expect(result.kind).toBe('sum')
  }
  // Of 4: all upload and at least three reveal (5), or one leaves before its update (4), or before its shares (4).
  expect(kinds.get('sum')).toBe(count === 3 ? 4 : 13)
  expect([...kinds.keys()].filter((kind) => !['sum', 'masking_few', 'masking_shares'].includes(kind))).toEqual([])
})

test('a device answers no second order of a stage, and no order that would expose an update', () => {
  const devices = devicesOf(4)
  const [first, second, third, fourth] = devices as [DeviceId, DeviceId, DeviceId, DeviceId]
  const { sessionOf, sharesOrder, boxesFor } = shareAll(devices)
  const session = sessionOf(first)
  expect(sessionShares(session, sharesOrder(first), randomBytes)).toMatchObject({ code: 'masking_repeated' })
  const fresh = openMaskSession(first, randomBytes)
  const weak = { ...sharesOrder(first), threshold: 2 }
  expect(sessionShares(fresh, weak, randomBytes)).toMatchObject({ code: 'masking_unsafe' })
  const alone = { ...weak, neighbours: weak.neighbours.slice(0, 1) }
  expect(sessionShares(fresh, alone, randomBytes)).toMatchObject({ code: 'masking_unsafe' })
  expect(sessionReveal(session, { stage: 'reveal', uploaded: devices, vanished: [] })).toMatchObject({
    code: 'masking_unsafe',
  })

  const words = new Uint32Array(WORDS)
  const [one, ...others] = boxesFor(first, devices)
  if (!one) throw new Error('a device without boxes')
  const swapped = [{ ...one, box: others[0]?.box ?? '' }, ...others]
  expect(sessionMask(session, { ...UPDATE, devices, boxes: swapped }, words)).toMatchObject({ code: 'masking_box' })
  const few = { ...UPDATE, devices: [first, second], boxes: [] }
  expect(sessionMask(session, few, words)).toMatchObject({ code: 'masking_few' })
  const whole = { ...UPDATE, devices, boxes: [one, ...others] }
  expect(sessionMask(session, whole, words)).toMatchObject({ ok: true })
  expect(sessionMask(session, whole, words)).toMatchObject({ code: 'masking_repeated' })

  const reveal = (uploaded: DeviceId[], vanished: DeviceId[]) =>
    sessionReveal(session, { stage: 'reveal', uploaded, vanished })
  expect(reveal(devices, [fourth])).toMatchObject({ code: 'masking_both' })
  expect(reveal([first, second], [third, fourth])).toMatchObject({ code: 'masking_few' })
  expect(reveal([first, second, third], [fourth])).toMatchObject({ ok: true })
  expect(reveal([first, second, third], [fourth])).toMatchObject({ ok: true })
  expect(reveal([first, second, fourth], [third])).toMatchObject({ code: 'masking_answered' })
})
