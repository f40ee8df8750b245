import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { campaignTrouble } from './contradictions.ts'
import { addDistances, emptyDistances, krumChoice } from './krum.ts'

const choiceOf = (updates: readonly (readonly number[])[], attackers: number, part = 2) => {
  const distances = emptyDistances(updates.length)
  for (let at = 0; at < (updates[0]?.length ?? 0); at += part)
    addDistances(
      distances,
      updates.map((update) => Float32Array.from(update.slice(at, at + part))),
    )
  return krumChoice(distances, attackers)
}

test('updates far from the others are left out, in whatever parts the weights are read', () => {
  const honest = [
    [1, 1, 0],
    [1.1, 0.9, 0],
    [0.9, 1, 0.1],
    [1, 1.1, 0],
  ]
  const flipped = [-1, -1, 0]
  for (const part of [1, 2, 3]) expect(choiceOf([flipped, ...honest], 1, part)).toEqual([1, 2, 3, 4])
  expect(choiceOf([...honest, [1e30, 0, 0]], 1)).toEqual([0, 1, 2, 3])
  expect(choiceOf([[1, 2]], 1)).toEqual([0])
})

test('attackers that send the same far update do not get in, as long as there are few of them', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.tuple(fc.float({ min: -1, max: 1, noNaN: true }), fc.float({ min: -1, max: 1, noNaN: true })), {
        minLength: 7,
        maxLength: 7,
      }),
      fc.constantFrom(50, -1e6, 1e20),
      (attackers, honest, evil) => {
        // Honest updates lie within 3 of each other; 2f + 3 of 7 + f are enough for f up to 4.
        const updates = [...Array.from({ length: attackers }, () => [evil, evil]), ...honest]
        const chosen = choiceOf(updates, attackers)
        expect(chosen).toHaveLength(7)
        for (const place of chosen) expect(place).toBeGreaterThanOrEqual(attackers)
      },
    ),
  )
})

test('Krum is refused with masks, with noise, with too few devices and with too many', () => {
  const trouble = (minimum: number, parts: object = {}) =>
    campaignTrouble(
      CampaignSpec.parse({
        name: 'ward',
        model: 'digits',
        data: { name: 'digits', shape: [4], classes: 3 },
        rounds: 3,
        strategy: { kind: 'krum', attackers: 2 },
        participants: { minimum },
        ...parts,
      }),
    )
  expect(trouble(7)).toBeUndefined()
  expect(trouble(6)).toContain('set participants.minimum to 7 or more')
  expect(trouble(90)).toContain('at most 100')
  expect(trouble(7, { privacy: { masks: {} } })).toContain('krum compares single updates')
  expect(trouble(7, { privacy: { noise: { bound: 1, multiplier: 1 } } })).toContain('krum is no sum')
})
