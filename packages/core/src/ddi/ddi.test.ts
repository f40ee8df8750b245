import type { DdiExecution } from '@skerry/contract/ddi/ddi-feedback'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { expect, test } from 'vitest'
import { canonicalJson } from '../values/canonical-json.ts'
import { withAttributes } from './ddi-attributes.ts'
import { takeCancelFeedback, takeConfirmation, takeFeedback } from './ddi-feedback.ts'
import { type DdiRecord, NEW_DDI_RECORD } from './ddi-record.ts'
import { ddiReport } from './ddi-report.ts'
import { seenAction, stepDdi } from './ddi-step.ts'

const digestOf = (version: number) => `sha256:${String(version).repeat(64).slice(0, 64)}` as DesiredItem['digest']

const item = (version: number, more: Partial<DesiredItem> = {}) =>
  ({
    kind: 'os',
    name: 'gateway-os',
    deploymentId: 'dep_abcdefgh234567',
    revision: version,
    version,
    digest: digestOf(version),
    retryToken: 0,
    files: [{ path: 'image.swu', digest: digestOf(version), sizeBytes: 10 }],
    probation: { seconds: 10, failureRateMax: 1 },
    spec: {},
    ...more,
  }) as DesiredItem

const at = (timeMs: number, items: readonly DesiredItem[], mustConfirm = false) => ({
  items,
  mustConfirm,
  updates: { timeMs, windowStart: () => ({ ok: true, atMs: 9_000_000 }) as const, locks: [] },
})

const feedback = (execution: DdiExecution, finished: 'success' | 'failure' | 'none' = 'none', details = ['words']) => ({
  status: { execution, result: { finished }, details },
})

/** The record after a message that must be accepted. */
function taken(verdict: ReturnType<typeof takeFeedback>): DdiRecord {
  if (!verdict.ok) throw new Error(verdict.code)
  return verdict.record
}

const started = (version: number, from = NEW_DDI_RECORD) => {
  const { record, offer } = stepDdi(from, at(1, [item(version)]))
  if (offer.kind !== 'deploy') throw new Error(offer.kind)
  return { record: seenAction(record, offer.action.id), id: offer.action.id }
}

const installed = (version: number, from = NEW_DDI_RECORD) => {
  const { record, id } = started(version, from)
  return taken(takeFeedback(record, feedback('closed', 'success'), { actionId: id, nowMs: 100 }))
}

const reported = (record: DdiRecord, items: readonly DesiredItem[], nowMs: number) =>
  ddiReport({
    record,
    document: { v: 1, deviceId: 'dev_abcdefgh234567', generation: 7, digest: digestOf(7), items: [...items] } as never,
    deviceId: 'dev_abcdefgh234567',
    controllerId: 'gate-1',
    nowMs,
  }).items

test('a repeated poll gives the same order, and an installed image gives none', () => {
  const { record, id } = started(1)
  const again = stepDdi(record, at(2, [item(1)]))
  expect(again.offer).toMatchObject({ kind: 'deploy', action: { id } })
  expect(again.record).toEqual(record)
  expect(stepDdi(installed(1), at(3, [item(1)])).offer).toEqual({ kind: 'none' })
})

test('a change of settings keeps the order of the same content', () => {
  const { record, id } = started(1)
  const step = stepDdi(record, at(2, [item(1, { revision: 5 })]))
  expect(step.offer).toMatchObject({ kind: 'deploy', action: { id, target: { revision: 5 } } })
})

test('an order that the device has not read is withdrawn without a question', () => {
  const { record } = stepDdi(NEW_DDI_RECORD, at(1, [item(1)]))
  expect(stepDdi(record, at(2, []))).toMatchObject({ offer: { kind: 'none' }, record: { action: undefined } })
})

test('a device that does not cancel finishes, and gets the older image afterwards', () => {
  const { record, id } = started(2, installed(1))
  const cancelling = stepDdi(record, at(200, [item(1)]))
  expect(cancelling.offer).toMatchObject({ kind: 'cancel', action: { id } })
  const [waiting] = reported(cancelling.record, [item(1)], 200)
  expect(waiting).toMatchObject({ state: 'fetching', cause: { code: 'ddi_cancelling' } })
  const said = { actionId: id, nowMs: 300 }
  const refused = taken(takeCancelFeedback(cancelling.record, feedback('rejected'), said))
  expect(stepDdi(refused, at(301, [item(1)])).offer).toMatchObject({ kind: 'deploy', action: { id } })
  const late = taken(takeFeedback(refused, feedback('closed', 'success'), said))
  expect(late.installed?.version).toBe(2)
  expect(stepDdi(late, at(302, [item(1)])).offer).toMatchObject({ kind: 'deploy', action: { id: id + 1 } })
})

test('an image that was installed in spite of the order to cancel counts', () => {
  const { record, id } = started(2, installed(1))
  const cancelling = stepDdi(record, at(200, [item(1)])).record
  const late = taken(takeFeedback(cancelling, feedback('closed', 'success'), { actionId: id, nowMs: 201 }))
  expect(late).toMatchObject({ installed: { version: 2 }, action: undefined })
})

test('messages about ended and unknown orders are rejected, and so is an unasked cancellation', () => {
  const record = installed(1)
  const done = feedback('closed', 'success')
  expect(takeFeedback(record, done, { actionId: 1, nowMs: 1 })).toEqual({ ok: false, code: 'ddi_action_ended' })
  expect(takeFeedback(record, done, { actionId: 2, nowMs: 1 })).toEqual({ ok: false, code: 'ddi_action_unknown' })
  expect(takeFeedback(record, done, { actionId: 0, nowMs: 1 })).toEqual({ ok: false, code: 'ddi_action_unknown' })
  const open = started(2, record)
  const said = { actionId: open.id, nowMs: 1 }
  expect(takeCancelFeedback(open.record, done, said)).toEqual({ ok: false, code: 'ddi_action_unknown' })
  const answer = { confirmation: 'confirmed' as const }
  expect(takeConfirmation(open.record, answer, said)).toEqual({ ok: false, code: 'ddi_action_unknown' })
})

test('a failure is remembered for its attempt, and a raised retry token is another attempt', () => {
  const { record, id } = started(1)
  const failed = taken(
    takeFeedback(record, feedback('closed', 'failure', ['bad signature']), { actionId: id, nowMs: 5 }),
  )
  expect(stepDdi(failed, at(6, [item(1)])).offer).toEqual({ kind: 'none' })
  const [report] = reported(failed, [item(1)], 6)
  expect(report).toMatchObject({ state: 'failed', cause: { code: 'ddi_failed' }, sinceMs: 5 })
  expect(report?.cause?.message).toContain('bad signature')
  expect(stepDdi(failed, at(7, [item(1, { retryToken: 1 })])).offer).toMatchObject({ kind: 'deploy' })
})

test('the probation of a deployment begins with the confirmation', () => {
  const record = installed(1)
  expect(reported(record, [item(1)], 5_000)).toMatchObject([{ state: 'probation', serving: { version: 1 } }])
  expect(reported(record, [item(1)], 10_100)).toMatchObject([{ state: 'active', sinceMs: 10_100 }])
})

test('a shut window shows no order, and says when it opens', () => {
  const window = { install: { cron: '0 3 * * *', timeZone: 'UTC', durationSeconds: 60 } }
  const step = stepDdi(NEW_DDI_RECORD, at(1, [item(1, { window })]))
  expect(step.offer).toEqual({ kind: 'none' })
  expect(step.hold).toMatchObject({ cause: { code: 'window_waits' }, untilMs: 9_000_000 })
  const begun = started(1).record
  expect(stepDdi(begun, at(2, [item(1, { window })])).offer).toMatchObject({ kind: 'deploy' })
})

test('a version that only agents install fails at once, beside an image that goes on', () => {
  const list = {
    ...item(2, { name: 'plant-os' }),
    files: [{ path: 'packages.json', digest: digestOf(9), sizeBytes: 9 }],
  }
  expect(reported(NEW_DDI_RECORD, [item(1), list], 60)).toMatchObject([
    { name: 'gateway-os', state: 'fetching' },
    { name: 'plant-os', state: 'failed', cause: { code: 'os_format_refused' } },
  ])
})

test('a second image fails, and since when stays the same', () => {
  const items = [item(1), item(2, { name: 'other-os' })]
  const { record } = stepDdi(NEW_DDI_RECORD, at(1, items))
  const later = stepDdi(record, at(50, items)).record
  expect(reported(later, items, 60)).toMatchObject([
    { name: 'gateway-os', state: 'fetching' },
    { name: 'other-os', state: 'failed', sinceMs: 1, cause: { code: 'ddi_second_image' } },
  ])
})

test('the words of the updater are bounded, and show no token', () => {
  const { record, id } = started(1)
  const details = [...Array.from({ length: 100 }, (_, n) => `line ${n} ${'x'.repeat(1_000)}`), 'TargetToken abc123']
  const { lines } = taken(takeFeedback(record, feedback('proceeding', 'none', details), { actionId: id, nowMs: 1 }))
  expect(lines).toHaveLength(40)
  expect(Math.max(...lines.map(({ text }) => text.length))).toBe(400)
  expect(JSON.stringify(lines)).not.toContain('abc123')
})

test('the words of a device cannot steer a terminal, and a cut surrogate pair does not stop its feedback', () => {
  const { record, id } = started(1)
  const said = { actionId: id, nowMs: 1 }
  const details = ['\u001B[2J\u0000red\nline', `${'x'.repeat(399)}😀`, '\uD83D', 'y'.repeat(390), '😀'.repeat(300)]
  const failed = taken(takeFeedback(record, feedback('closed', 'failure', details), said))
  expect(failed.lines[0]?.text).toBe(' [2J red line')
  const data = { 'a\u0007': '\uD83D\u001B' }
  const named = withAttributes(failed, { mode: 'merge', data }).record
  expect(named.attributes).toEqual({ 'a ': '\uFFFD ' })
  expect(() => canonicalJson(named)).not.toThrow()
  expect(withAttributes(named, { mode: 'remove', data }).record.attributes).toEqual({})
})

test('an image that its owner has not accepted cannot be reported as installed', () => {
  const { record, offer } = stepDdi(NEW_DDI_RECORD, at(1, [item(1)], true))
  if (offer.kind !== 'confirm') throw new Error(offer.kind)
  const said = { actionId: offer.action.id, nowMs: 2 }
  const unknown = { ok: false, code: 'ddi_action_unknown' }
  expect(takeFeedback(record, feedback('closed', 'success'), said)).toEqual(unknown)
  expect(takeFeedback(record, feedback('proceeding'), said)).toEqual(unknown)
  const confirmed = taken(takeConfirmation(record, { confirmation: 'confirmed' }, said))
  expect(takeFeedback(confirmed, feedback('closed', 'success'), said)).toMatchObject({ ok: true })
})

test('attributes are merged, replaced and removed, and there are not more than the limit', () => {
  const first = withAttributes(NEW_DDI_RECORD, { mode: 'merge', data: { a: '1', b: '2' } }).record
  expect(withAttributes(first, { mode: 'replace', data: { c: '3' } }).record.attributes).toEqual({ c: '3' })
  expect(withAttributes(first, { mode: 'remove', data: { a: '' } }).record.attributes).toEqual({ b: '2' })
  const many = Object.fromEntries(Array.from({ length: 64 }, (_, n) => [`n${n}`, 'x']))
  expect(Object.keys(withAttributes(first, { mode: 'merge', data: many }).record.attributes ?? {})).toHaveLength(64)
})
