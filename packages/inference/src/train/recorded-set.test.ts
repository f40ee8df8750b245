/** Rows of a recording as training data. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeRow } from '../learn/recorded-rows.ts'
import { describeRecordedSet, type RecordedRows, readRecordedSet } from './recorded-set.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-recorded-set-'))
})
afterAll(() => rm(folder, { recursive: true }))

const TAGS = ['flow', 'pressure', 'state', 'speed']

async function recordingOf(rows: readonly (readonly number[])[], tags = TAGS): Promise<RecordedRows> {
  const [notePath, rowsPath] = [join(folder, 'plant.json'), join(folder, 'plant.f64')]
  await writeFile(notePath, JSON.stringify({ tags, everyMs: 1_000, rows: rows.length }))
  await writeFile(rowsPath, Buffer.concat(rows.map((row, at) => encodeRow(1_000 * at, row))))
  return { name: 'plant', notePath, rowsPath, tags: ['speed', 'flow'], label: 'state' }
}

test('the named tags are the features in their order, and rows with a missing value are left out', async () => {
  const recorded = await recordingOf([
    [1, Number.NaN, 0, 4],
    [5, 6, 2, Number.NaN],
    [9, 10, 2, 12],
    [13, 14, Number.NaN, 16],
    [17, 18, 1, 20],
  ])
  const facts = { rows: 3, type: 'float32', shape: [2], classes: 3 }
  expect(await describeRecordedSet(recorded)).toEqual({ ok: true, value: facts })
  const value = { ...facts, data: Float32Array.of(4, 1, 12, 9, 20, 17), labels: BigInt64Array.of(0n, 2n, 1n) }
  expect(await readRecordedSet(recorded)).toEqual({ ok: true, value })
  // Without names, all tags but the label are features.
  expect(await describeRecordedSet({ ...recorded, tags: [] })).toMatchObject({ value: { rows: 2, shape: [3] } })
})

test.each([
  [{ label: 'fault' }, 'the recording plant has no tag fault; it has flow, pressure, state, speed'],
  [{ tags: ['flow', 'state'] }, 'the label state is a feature too, so a model would only copy it'],
  [{ notePath: '/nowhere/plant.json' }, 'the device has no recording plant; import it with'],
  [
    { label: 'pressure' },
    'the label pressure of the recording plant is 6.5 in a row; a class is a whole number from 0 to 9999. Offer numbers as target=pressure',
  ],
])('a recording with %o is refused with the reason', async (wrong, message) => {
  const recorded = { ...(await recordingOf([[1, 6.5, 0, 4]])), ...wrong }
  for (const answer of [await describeRecordedSet(recorded), await readRecordedSet(recorded)])
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining(message) })
})

test('tags of targets are numbers, and rows without one of them are left out', async () => {
  const { label: _, ...recorded } = await recordingOf([
    [1, 2.5, 0, 4],
    [5, Number.NaN, 2, 8],
    [9, -10.5, 2, 12],
  ])
  const facts = { rows: 2, type: 'float32', shape: [2], classes: 0, targets: [1] }
  expect(await describeRecordedSet({ ...recorded, targets: ['pressure'] })).toEqual({ ok: true, value: facts })
  const value = { ...facts, data: Float32Array.of(4, 1, 12, 9), labels: Float32Array.of(2.5, -10.5) }
  expect(await readRecordedSet({ ...recorded, targets: ['pressure'] })).toEqual({ ok: true, value })
  const both = { ...recorded, tags: [], targets: ['pressure', 'state'] }
  expect(await readRecordedSet(both)).toMatchObject({
    value: { shape: [2], targets: [2], labels: Float32Array.of(2.5, 0, -10.5, 2) },
  })
  expect(await describeRecordedSet({ ...recorded, targets: ['flow'] })).toMatchObject({
    message: 'the target flow is a feature too, so a model would only copy it',
  })
})

test('a row that a power cut tore is left out, and a recording of nothing has no rows', async () => {
  const recorded = await recordingOf([
    [1, 2, 1, 4],
    [5, 6, 0, 8],
  ])
  const whole = Buffer.concat([encodeRow(0, [1, 2, 1, 4]), encodeRow(1, [5, 6, 0, 8]).subarray(0, 30)])
  await writeFile(recorded.rowsPath, whole)
  expect(await readRecordedSet(recorded)).toMatchObject({ value: { rows: 1, classes: 2 } })
  await writeFile(recorded.rowsPath, '')
  expect(await readRecordedSet(recorded)).toMatchObject({ value: { rows: 0, classes: 0 } })
})
