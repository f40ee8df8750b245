import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { LearningOrder } from '@skerry/contract/held/learnings'
import { LearningResult } from '@skerry/contract/learning/result'
import { encodeRow } from '@skerry/inference/learn/recorded-rows'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LearningDeps, runLearning } from './run-learning.ts'

const ID = 'lrn_abcdefgh234567'
const SPEC = { name: 'pump', device: 'line-1', source: 'plc', tags: ['bar'], seconds: 10, everyMs: 1_000, samples: 4 }

const order = LearningOrder.parse({
  learning: ID,
  spec: { ...SPEC, falseAlarmDays: 7, result: 'version', accept: [] },
  seed: 1,
})

let folder: string
let sent: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-run-learning-'))
  sent = []
  await mkdir(join(folder, ID))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

type Reply = { status: number; body: object } | 'certificate'

/** Answers each request by the next reply. */
function depsWith(replies: Reply[]): LearningDeps {
  return {
    folder,
    random: () => 0,
    memoryAvailableBytes: () => 2 ** 30,
    data: folder,
    fileSystem: nodeFileSystem,
    jointOf: () => Promise.reject(new Error('no order of this test learns together')),
    marksFor: () => ({ normal: [], leftOut: [] }),
    log: { info: () => {}, warn: () => {} },
    inTurn: (work) => work(),
    runner: { askSources: async () => ({ ok: false, code: 'source_unknown', message: 'no source' }) as never },
    clock: { nowMs: () => 0, sleep: async () => {} },
    async send({ content }) {
      sent.push(content ? await text(content.stream) : '')
      const reply = replies.shift()
      if (reply === 'certificate' || !reply)
        return { ok: false, code: 'certificate_refused', message: 'expired', retryable: false }
      const stream = Readable.from([Buffer.from(JSON.stringify(reply.body))]) as IncomingMessage
      return { ok: true, status: reply.status, headers: {}, stream }
    },
  }
}

const { signal } = new AbortController()
const TAKEN = { status: 200, body: { taken: true } }

test('a result stays until the hub decides about it, also with a bad certificate and in quarantine', async () => {
  await writeFile(join(folder, ID, 'result.json'), '{"a":1}')
  const quarantined = { status: 403, body: { code: 'device_quarantined', message: 'in quarantine' } }
  await runLearning(depsWith(['certificate', quarantined, TAKEN]), order, () => {}, signal)
  expect(sent).toEqual(['{"a":1}', '{"a":1}', '{"a":1}'])
  expect(await readdir(folder)).toEqual([])
})

test('a result that the hub cannot read ends the learning with the reason', async () => {
  await writeFile(join(folder, ID, 'result.json'), '{"outcome":{"candidates":[{"auc":null}]}}')
  const rejected = { status: 400, body: { code: 'input_invalid', message: 'the body has no result' } }
  await runLearning(depsWith([rejected, TAKEN]), order, () => {}, signal)
  const { outcome } = LearningResult.parse(JSON.parse(sent[1] ?? ''))
  expect(outcome.findings).toMatchObject([{ code: 'result_rejected', message: expect.any(String) }])
  expect(await readdir(folder)).toEqual([])
})

test('a cancelled learning does not wait for the training of another', async () => {
  const rows = Array.from({ length: 10 }, (_, at) => encodeRow(at * 1_000, [at]))
  await writeFile(join(folder, ID, 'rows.f64'), Buffer.concat(rows))
  const stop = new AbortController()
  const tell = ({ phase }: { phase: string }) => phase === 'train' && queueMicrotask(() => stop.abort())
  const deps: LearningDeps = { ...depsWith([]), inTurn: () => new Promise(() => {}) }
  await expect(runLearning(deps, order, tell, stop.signal)).rejects.toMatchObject({ name: 'AbortError' })
})

test('a learning from a recording that the device has not ends with the advice to import it', async () => {
  const fromRecording = LearningOrder.parse({ ...order, spec: { ...order.spec, recording: 'history' } })
  await runLearning(depsWith([TAKEN]), fromRecording, () => {}, signal)
  const { outcome } = LearningResult.parse(JSON.parse(sent[0] ?? ''))
  expect(outcome.findings).toMatchObject([
    { code: 'recording_unknown', advice: expect.stringContaining('--import-history history') },
  ])
})

test('a later agent may send more about a candidate', () => {
  const outcome = { rows: 1, startedAtMs: 1, endedAtMs: 2, candidates: [], tags: [], findings: [], later: true }
  const tags = [{ tag: 'bar', median: 1, spread: 1, usualShare: 1, later: 2 }]
  expect(LearningResult.parse({ outcome: { ...outcome, tags } }).outcome).not.toHaveProperty('later')
})
