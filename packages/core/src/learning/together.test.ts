import type { LearningPhase } from '@skerry/contract/learning/learning'
import { expect, test } from 'vitest'
import { compileSelector } from '../selectors/selector.ts'
import {
  devicesSelector,
  devicesTrouble,
  lateReason,
  nextTogether,
  partDueMs,
  resultDueMs,
  type TogetherMember,
} from './together.ts'

const member = (phase: LearningPhase, has: '' | 'part' | 'own' = ''): TogetherMember => ({
  phase,
  hasPart: has !== '',
  hasOwn: has === 'own',
})

const OPEN = { isJoined: false, isOver: false }
const JOINED = { isJoined: true, isOver: false }

test('the parts are joined when each device under way has sent its own, and a refused device holds nobody up', () => {
  expect(nextTogether(OPEN, [member('collect'), member('train', 'part')])).toEqual({ kind: 'wait' })
  expect(nextTogether(OPEN, [member('train', 'part'), member('train', 'part')])).toEqual({ kind: 'join' })
  const refused = [member('refused'), member('cancelled'), member('train', 'part'), member('train', 'part')]
  expect(nextTogether(OPEN, refused)).toEqual({ kind: 'join' })
})

test('with one device left, nothing is joined', () => {
  expect(nextTogether(OPEN, [member('refused'), member('train', 'part')])).toMatchObject({ kind: 'fail' })
  expect(nextTogether(OPEN, [member('cancelled')])).toMatchObject({ kind: 'fail' })
})

test('the detector is published when the last device is over, if one of them has judged it', () => {
  expect(nextTogether(JOINED, [member('done', 'own'), member('shadow', 'own')])).toEqual({ kind: 'wait' })
  expect(nextTogether(JOINED, [member('done', 'own'), member('refused', 'part')])).toEqual({ kind: 'publish' })
  expect(nextTogether(JOINED, [member('cancelled', 'own'), member('refused', 'part')])).toMatchObject({ kind: 'fail' })
})

test('an order that is over stays so', () => {
  expect(nextTogether({ isJoined: true, isOver: true }, [member('done', 'own')])).toEqual({ kind: 'wait' })
  expect(nextTogether({ isJoined: false, isOver: true }, [])).toEqual({ kind: 'wait' })
})

test('the selector picks these devices and no other, and too many names are refused', () => {
  const selector = compileSelector(devicesSelector(['line-1', 'line-2']))
  expect(selector).toMatchObject({ ok: true })
  expect(devicesTrouble(['line-1', 'line-2'])).toBeUndefined()
  expect(devicesTrouble(Array.from({ length: 200 }, (_, at) => `a-rather-long-name-${at}`))).toContain('200 devices')
})

test('a device that is late is left behind, before and after the parts are joined', () => {
  const spec = { seconds: 3_600, shadowSeconds: 60 }
  const at = (nowMs: number, isJoined: boolean) => ({ spec, startedAtMs: 0, isJoined, nowMs })
  const due = partDueMs(spec, 0)
  expect(lateReason(at(due - 1, false), member('collect'))).toBeUndefined()
  expect(lateReason(at(due, false), member('collect'))).toContain('did not send its part')
  expect(lateReason(at(due, false), member('train', 'part'))).toBeUndefined()
  expect(lateReason(at(due, true), member('train', 'part'))).toBeUndefined()
  expect(resultDueMs(spec, 0)).toBe(due + 120_000 + 86_400_000)
  expect(lateReason(at(resultDueMs(spec, 0), true), member('train', 'part'))).toContain('did not judge')
  expect(lateReason(at(resultDueMs(spec, 0), true), member('done', 'own'))).toBeUndefined()
})

test('a device has the time to collect twice, and a day to train', () => {
  expect(partDueMs({ seconds: 3_600 }, 1_000)).toBe(1_000 + 7_200_000 + 86_400_000)
  expect(partDueMs({ seconds: 3_600, recording: 'old' as never }, 1_000)).toBe(1_000 + 86_400_000)
})
