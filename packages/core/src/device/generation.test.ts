import { Digest } from '@skerry/contract/values/digest'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Issued, judgeGeneration, nextGeneration, type Observed } from './generation.ts'

const digest = (letter: string) => Digest.parse(`sha256:${letter.repeat(64)}`)
const a = digest('a')
const b = digest('b')

const nothing: Issued = { digestOfReported: undefined, oldestKept: undefined, resumedAt: undefined }

test.each<[string, Observed, Partial<Issued>, boolean]>([
  ['a device that has had no document yet', { generation: 0, digest: undefined }, {}, true],
  ['what was issued', { generation: 3, digest: a }, { digestOfReported: a, oldestKept: 1 }, true],
  [
    'a generation that was issued with other content',
    { generation: 3, digest: b },
    { digestOfReported: a, oldestKept: 1 },
    false,
  ],
  [
    'a generation that was issued, without a digest',
    { generation: 3, digest: undefined },
    { digestOfReported: a, oldestKept: 1 },
    false,
  ],
  ['a newer one than was ever issued', { generation: 9, digest: a }, { oldestKept: 1 }, false],
  ['a newer one, on a hub that has issued nothing', { generation: 9, digest: a }, {}, false],
  ['one older than all that is kept', { generation: 2, digest: b }, { oldestKept: 3 }, true],
  ['where a person resumed it', { generation: 9, digest: b }, { resumedAt: { generation: 9, digest: b } }, true],
  [
    'other content than where a person resumed it',
    { generation: 9, digest: a },
    { resumedAt: { generation: 9, digest: b } },
    false,
  ],
])('%s', (_, observed, issued, isFine) => {
  expect(judgeGeneration(observed, { ...nothing, ...issued }).ok).toBe(isFine)
})

test('a restored hub never takes an unknown intent for its own, and goes on above it', () => {
  const generations = fc.integer({ min: 1, max: 50 })
  fc.assert(
    fc.property(generations, generations, (lastInBackup, seenByDevice) => {
      const issued = { ...nothing, oldestKept: 1, digestOfReported: seenByDevice <= lastInBackup ? a : undefined }
      // After the backup the same numbers held something else.
      const verdict = judgeGeneration({ generation: seenByDevice, digest: b }, issued)
      expect(verdict.ok).toBe(false)
      const next = nextGeneration(lastInBackup, seenByDevice)
      expect(next > lastInBackup && next > seenByDevice).toBe(true)
    }),
  )
})
