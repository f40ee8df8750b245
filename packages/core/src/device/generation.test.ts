import { Digest } from '@skerry/contract/values/digest'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Issued, judgeGeneration, nextGeneration, type Observed } from './generation.ts'

const digest = (letter: string) => Digest.parse(`sha256:${letter.repeat(64)}`)
const a = digest('a')
const b = digest('b')

const nothing: Issued = { digestOfReported: undefined, oldestKept: undefined, resumedAt: undefined }

test.each<[string, Observed, Partial<Issued>, boolean]>([
  ['a device without a document', { generation: 0, digest: undefined }, {}, true],
  ['an issued generation', { generation: 3, digest: a }, { digestOfReported: a, oldestKept: 1 }, true],
  [
    'an issued generation with other content',
    { generation: 3, digest: b },
    { digestOfReported: a, oldestKept: 1 },
    false,
  ],
  [
    'an issued generation without a digest',
    { generation: 3, digest: undefined },
    { digestOfReported: a, oldestKept: 1 },
    false,
  ],
  ['a generation newer than each issued one', { generation: 9, digest: a }, { oldestKept: 1 }, false],
  ['a newer generation on a hub that has issued none', { generation: 9, digest: a }, {}, false],
  ['a generation older than each stored one', { generation: 2, digest: b }, { oldestKept: 3 }, true],
  [
    'the generation that a person resumed',
    { generation: 9, digest: b },
    { resumedAt: { generation: 9, digest: b } },
    true,
  ],
  [
    'other content than the resumed generation',
    { generation: 9, digest: a },
    { resumedAt: { generation: 9, digest: b } },
    false,
  ],
])('%s', (_, observed, issued, isFine) => {
  expect(judgeGeneration(observed, { ...nothing, ...issued }).ok).toBe(isFine)
})

test('a restored hub never accepts an unknown intent as its own, and continues above it', () => {
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
