import { CampaignReport } from '@skerry/contract/campaigns/update'
import { expect, test } from 'vitest'
import { changedCount, comparedData, dataNote } from './data-versions.ts'

const [first, second] = ['a'.repeat(64), 'b'.repeat(64)]

test('data is the same or another than in the training before, whatever its number of rows is', () => {
  expect(comparedData({ fingerprint: first, rows: 20 }, undefined)).toEqual({ fingerprint: first, rows: 20 })
  const before = { fingerprint: first, rows: 20, round: 3 }
  expect(comparedData({ fingerprint: first, rows: 20 }, before).earlier).toEqual({ round: 3, rows: 20, isSame: true })
  // A row was erased, and another one was labelled.
  expect(comparedData({ fingerprint: second, rows: 20 }, before).earlier).toEqual({ round: 3, rows: 20, isSame: false })
})

test('a round counts the devices whose data has changed, and none if no agent reports its data', () => {
  const before = { fingerprint: first, rows: 20, round: 1 }
  const [fresh, same, other] = [
    comparedData({ fingerprint: first, rows: 20 }, undefined),
    comparedData({ fingerprint: first, rows: 20 }, before),
    comparedData({ fingerprint: second, rows: 19 }, before),
  ]
  expect(changedCount([undefined, undefined])).toBeUndefined()
  expect(changedCount([fresh, same, undefined])).toBe(0)
  expect(changedCount([fresh, same, other, other])).toBe(2)
})

test('a lineage names the versions of data, and the devices that report none', () => {
  expect(dataNote({ versions: 0, devices: 0, unknown: 3 })).toBeUndefined()
  expect(dataNote({ versions: 1, devices: 1, unknown: 0 })).toBe('1 data version of 1 device')
  expect(dataNote({ versions: 7, devices: 5, unknown: 0 })).toBe('7 data versions of 5 devices')
  expect(dataNote({ versions: 7, devices: 5, unknown: 1 })).toBe(
    '7 data versions of 5 devices, 1 device with unknown data',
  )
  expect(dataNote({ versions: 2, devices: 2, unknown: 2 })).toBe(
    '2 data versions of 2 devices, 2 devices with unknown data',
  )
})

test('the report of an agent from before data versions is understood, and of a newer one with more facts', () => {
  const old = {
    kind: 'trained',
    rows: 9,
    digest: `sha256:${'0'.repeat(64)}`,
    before: { rows: 1, correct: 1, lossSum: 0.1 },
  }
  expect(CampaignReport.parse(old)).toEqual(old)
  const data = { fingerprint: first, rows: 10 }
  expect(CampaignReport.parse({ ...old, data: { ...data, labels: 10 } })).toEqual({ ...old, data })
  expect(CampaignReport.safeParse({ ...old, data: { fingerprint: 'short', rows: 10 } }).success).toBe(false)
})
