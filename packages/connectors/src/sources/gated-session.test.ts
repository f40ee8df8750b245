import { openLeaseGate } from '@skerry/platform/process/lease-gate'
import { expect, test } from 'vitest'
import type { Session, SessionAlone } from '../session.ts'
import { takeTurns } from '../turns.ts'
import { gatedSession } from './gated-session.ts'

const never = new AbortController().signal

/** Equipment with one request at a time, whose first request is answered when the test says so. */
function openEquipment() {
  const turn = takeTurns()
  const first = Promise.withResolvers<void>()
  const written: unknown[] = []
  const own: SessionAlone = {
    read: () => Promise.reject(new Error('nobody reads here')),
    write: async (_tag, value) => {
      written.push(value)
      return { ok: true }
    },
  }
  const session: Session = {
    ...own,
    write: (...order) => turn(() => own.write(...order)),
    alone: (work) => turn(() => work(own)),
    [Symbol.asyncDispose]: async () => {},
  }
  void turn(() => first.promise)
  return { session, written, answerFirst: first.resolve }
}

test('a write that waits behind a request is not sent when the lease ends meanwhile', async () => {
  const at = { nowMs: 1_000 }
  const gate = openLeaseGate(undefined, () => at.nowMs)
  gate.become({ untilMs: 3_000, epoch: 1 })
  const { session, written, answerFirst } = openEquipment()
  const given: string[] = []
  const gated = gatedSession(session, gate, (reason) => given.push(reason))
  const writing = gated.write('valve', 1, never)
  const alone = gated.alone?.((own) => own.write('valve', 2, never))
  // As after a pause of the process: the clock has gone on, the answer is there, and no timer has fired.
  at.nowMs = 3_100
  answerFirst()
  expect(await writing).toMatchObject({ ok: false, code: 'write_refused' })
  expect(await alone).toMatchObject({ ok: false, code: 'write_refused' })
  expect([written, given]).toEqual([[], []])

  gate.become({ untilMs: 6_000, epoch: 3 })
  expect(await gated.write('valve', 3, never)).toEqual({ ok: true })
  expect(written).toEqual([3])
})
