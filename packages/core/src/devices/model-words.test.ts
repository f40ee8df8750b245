import type { DeviceModel } from '@skerry/contract/devices/device'
import { expect, test } from 'vitest'
import { modelsText, modelText } from './model-words.ts'

const active = (name: string, version: number): DeviceModel => ({ name, version, state: 'active', serving: version })
const failed: DeviceModel = { name: 'anomaly', version: 2, state: 'failed' }

test.each<[string, DeviceModel[], number]>([
  ['', [], 0],
  ['anomaly:2', [active('anomaly', 2)], 1],
  ['anomaly:2 (float16)', [{ ...active('anomaly', 2), build: 'float16' }], 1],
  ['anomaly:2, ocr:3', [active('anomaly', 2), active('ocr', 3)], 2],
  ['anomaly:2 failed, ocr:3', [failed, active('ocr', 3)], 2],
  ['3 models', [active('a-long-name', 1), active('another-long-name', 2), active('the-last-long-name', 3)], 3],
  ['3 models, 1 failed', [failed, active('another-long-name', 2), active('the-last-long-name', 3)], 3],
  ['20 models, 1 failed', [failed], 20],
  ['a-name-that-is-longer-than-a-cell-of-a-table:2', [active('a-name-that-is-longer-than-a-cell-of-a-table', 2)], 1],
])('%s', (text, models, count) => {
  expect(modelsText(models, count, 'online')).toBe(text)
})

test('a failed version is marked, and the version in its place is named in the right tense', () => {
  expect(modelText(failed, 'online')).toBe('anomaly:2 failed')
  expect(modelText({ ...failed, serving: 1 }, 'online')).toBe('anomaly:2 failed, 1 serves')
  expect(modelText({ ...failed, serving: 1 }, 'stale')).toBe('anomaly:2 failed, 1 served')
  expect(modelText({ ...failed, serving: 1, build: 'float16' }, 'online')).toBe('anomaly:2 failed, 1 (float16) serves')
  expect(modelText({ ...failed, state: 'loading', serving: 1 }, 'online')).toBe('anomaly:2 loading')
})
