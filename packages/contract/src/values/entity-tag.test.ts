import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RolloutWave } from '../rollouts/rollout.ts'
import { aliasTag, type EntityTag, isAsMeant, modelTag, rolloutTag } from './entity-tag.ts'
import { RolloutId } from './ids.ts'

const seen: EntityTag = '"site_a.3"'

test.each([
  [{}, seen, true],
  [{}, undefined, true],
  [{ ifMatch: seen }, seen, true],
  [{ ifMatch: '"site_a.2"' }, seen, false],
  [{ ifMatch: `"other" ,${seen}` }, seen, true],
  [{ ifMatch: `W/${seen}` }, seen, false],
  [{ ifMatch: '*' }, seen, true],
  [{ ifMatch: ' * ' }, undefined, false],
  [{ ifMatch: seen }, undefined, false],
  [{ ifMatch: '' }, seen, false],
  [{ ifNoneMatch: '*' }, undefined, true],
  [{ ifNoneMatch: '*' }, seen, false],
  [{ ifNoneMatch: seen }, seen, false],
  [{ ifNoneMatch: '"other"' }, seen, true],
] as const)('%j of an object in state %s: %s', (precondition, current, expected) => {
  expect(isAsMeant(precondition, current)).toBe(expected)
})

const counts = { waiting: 0, offered: 0, healthy: 0, failed: 0, rejected: 0, 'timed-out': 0, tolerated: 0, skipped: 0 }
const limits = { failuresMax: 0, minExecuted: 1, soakSeconds: 0, deadlineSeconds: 1 }
const wave: RolloutWave = { name: 'all', limits, counts }
const rollout = { id: RolloutId.parse('rol_aaaaaaaa'), status: 'rolling' as const, wave: 0, waves: [wave, wave] }

test('what devices do well leaves the tag of a rollout alone; what a person must know of does not', () => {
  const tagOf = (change: Partial<RolloutWave>) => rolloutTag({ ...rollout, waves: [wave, { ...wave, ...change }] })
  expect(tagOf({ counts: { ...counts, healthy: 5, offered: 3 }, soakingSinceMs: 3 })).toBe(rolloutTag(rollout))
  const others = [
    ...(['failed', 'rejected', 'timed-out'] as const).map((kind) => tagOf({ counts: { ...counts, [kind]: 1 } })),
    tagOf({ awaitedSinceMs: 3 }),
    rolloutTag({ ...rollout, status: 'paused' }),
    rolloutTag({ ...rollout, wave: 1 }),
  ]
  for (const other of others) expect(other).not.toBe(rolloutTag(rollout))
  expect(tagOf({ awaitedSinceMs: 3, isApproved: true })).toBe(rolloutTag(rollout))
})

test('tags of models and aliases differ where these do, in whatever order they are listed', () => {
  const model = { name: 'ocr', createdAtMs: 1, versionCount: 2, latestVersion: 2 }
  const anyAliases = fc.dictionary(fc.constantFrom('a', 'b', 'best'), fc.integer({ min: 1, max: 2 }))
  fc.assert(
    fc.property(anyAliases, anyAliases, (one, other) => {
      const isSame = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort())
      expect(modelTag({ ...model, aliases: one }) === modelTag({ ...model, aliases: other })).toBe(isSame)
      expect(aliasTag({ ...model, aliases: one }, 'best') !== undefined).toBe('best' in one)
    }),
  )
})
