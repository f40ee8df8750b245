import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { rangesRequest, sourceOf } from './ranges-source.ts'

const BATCH = 'bat_aaaaaaaaaaaa2222'
const digest = Digest.parse(`sha256:${'0'.repeat(64)}`)

test('an address names a batch, or golden cases give the ranges', () => {
  expect(sourceOf(BATCH)).toEqual({ kind: 'devices', batch: BATCH })
  expect([sourceOf('other'), sourceOf(undefined)]).toEqual([{ kind: 'golden' }, { kind: 'golden' }])
})

test('a request names the batch or the data set, and nothing for golden cases', () => {
  expect(rangesRequest(sourceOf(BATCH))).toEqual({ calibrationBatch: BATCH })
  expect(rangesRequest({ kind: 'golden' })).toEqual({})
  const dataSet = { digest, name: 'rows.npz', rows: 40 }
  expect(rangesRequest({ kind: 'data-set', dataSet })).toEqual({ calibration: digest })
})

test('there is no request before a file is chosen', () => {
  expect(rangesRequest({ kind: 'data-set' })).toBeUndefined()
})
