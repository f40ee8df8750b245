import type { FetchStep } from '@skerry/core/device/device-plan'
import type { DownloadResult } from '@skerry/platform/blobs/blob-download'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, test, vi } from 'vitest'
import { type FetchOutcome, openFetchLane } from './fetch-lane.ts'

const stepOf = (version: number, isRestore = false): FetchStep => {
  const item = buildDesiredItem({ version })
  return { kind: 'fetch', item, files: item.files, isRestore }
}

/** A lane whose downloads end when the test says so. */
function openLane() {
  const asked: { digest: string; signal: AbortSignal; end: (result: DownloadResult) => void }[] = []
  const outcomes: FetchOutcome[] = []
  const onIdle = vi.fn()
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => log }
  const lane = openFetchLane({
    download: ({ digest }, signal) =>
      new Promise((resolve, reject) => {
        asked.push({ digest, signal, end: resolve })
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
    random: () => 1,
    log,
    onOutcome: (outcome) => outcomes.push(outcome),
    onIdle,
  })
  return { lane, asked, outcomes, onIdle }
}

const arrived: DownloadResult = { ok: true, sizeBytes: 10, receivedBytes: 10 }
const problem = (code: 'server_failed' | 'request_refused' | 'blob_damaged' | 'storage_full', status?: number) =>
  ({ ok: false, code, message: 'no', retryable: true, ...(status ? { status } : {}) }) as const

test('fetches one thing at a time, and says what has arrived', async () => {
  const { lane, asked, outcomes, onIdle } = openLane()
  lane.follow([stepOf(1), stepOf(2)])
  lane.follow([stepOf(1), stepOf(2)])
  expect(asked).toHaveLength(1)
  asked[0]?.end(arrived)
  await vi.waitFor(() => expect(onIdle).toHaveBeenCalledOnce(), PATIENCE_MS)
  expect(outcomes).toMatchObject([{ kind: 'arrived', sizeBytes: 10 }])
})

test('cuts what is no longer wanted, without a word about it', async () => {
  const { lane, asked, outcomes, onIdle } = openLane()
  lane.follow([stepOf(1)])
  lane.follow([stepOf(2)])
  expect(asked[0]?.signal.aborted).toBe(true)
  await vi.waitFor(() => expect(onIdle).toHaveBeenCalled(), PATIENCE_MS)
  lane.follow([stepOf(2)])
  expect(asked).toHaveLength(2)
  expect(outcomes).toEqual([])
})

test('what served here and was lost goes before anything new', () => {
  const { lane, asked } = openLane()
  lane.follow([stepOf(1)])
  lane.follow([stepOf(2, true), stepOf(1)])
  expect(asked[0]?.signal.aborted).toBe(true)
})

test.each([
  ['a hub that fails is asked again', problem('server_failed', 503), 'waits'],
  ['a full disk is waited for', problem('storage_full'), 'waits'],
  ['a refused certificate is no fault of the version', problem('request_refused', 401), 'waits'],
  ['a blob that the hub does not have never comes', problem('request_refused', 404), 'refused'],
  ['a blob that is gone from the hub never comes', problem('request_refused', 410), 'refused'],
  ['other bytes than were signed never become right', problem('blob_damaged'), 'refused'],
])('%s', async (_, result, kind) => {
  const { lane, asked, outcomes } = openLane()
  lane.follow([stepOf(1)])
  asked[0]?.end(result)
  await vi.waitFor(() => expect(outcomes).toHaveLength(1), PATIENCE_MS)
  expect(outcomes[0]).toMatchObject({ kind, cause: { code: result.code, message: 'fetching model.onnx: no' } })
})

test("the hub's own code and words are told, but not what could not be reported", async () => {
  for (const [body, cause] of [
    [
      { code: 'blob_unknown', message: 'gone' },
      { code: 'blob_unknown', message: 'fetching model.onnx: gone' },
    ],
    [{ code: '<html>' }, { code: 'request_refused', message: 'fetching model.onnx: no' }],
    ['a proxy', { code: 'request_refused', message: 'fetching model.onnx: no' }],
  ] as const) {
    const { lane, asked, outcomes } = openLane()
    lane.follow([stepOf(1)])
    asked[0]?.end({ ...problem('request_refused', 404), body })
    await vi.waitFor(() => expect(outcomes).toHaveLength(1), PATIENCE_MS)
    expect(outcomes[0]).toMatchObject({ kind: 'refused', cause })
  }
})

test('waits longer after each failure, and as long as the hub says', async () => {
  const { lane, asked, outcomes, onIdle } = openLane()
  const results = [
    problem('server_failed'),
    problem('server_failed'),
    { ...problem('server_failed'), retryAfterMs: 90_000 },
  ]
  for (const [count, result] of results.entries()) {
    lane.follow([stepOf(1)])
    asked[count]?.end(result)
    await vi.waitFor(() => expect(onIdle).toHaveBeenCalledTimes(count + 1), PATIENCE_MS)
  }
  expect(outcomes.map((outcome) => outcome.kind === 'waits' && outcome.waitMs)).toEqual([5_000, 10_000, 90_000])
})
