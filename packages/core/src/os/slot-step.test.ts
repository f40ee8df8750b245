import { expect, test } from 'vitest'
import { type Slot, type SlotTrial, slotStep } from './slot-step.ts'

const slotsOf = (booted: 'A' | 'B', a: string | undefined, b: string | undefined, other: Partial<Slot> = {}) => [
  { name: 'rootfs.0', bootName: 'A', ...slotOf(booted === 'A', a, other) },
  { name: 'rootfs.1', bootName: 'B', ...slotOf(booted === 'B', b, other) },
]
/** `other`: facts of the slot that does not run. */
const slotOf = (isBooted: boolean, version: string | undefined, other: Partial<Slot>) => ({
  isBooted,
  isGood: true,
  version,
  mark: `bytes of ${version}`,
  ...(!isBooted && other),
})
const wanted = { digest: 'two', version: '2.0', marks: ['bytes of 2.0'] }
const trial: SlotTrial = { digest: 'two', from: 'A', bootId: 'boot 1' }
const step = (slots: ReturnType<typeof slotsOf>, known?: SlotTrial, bootId = 'boot 1') =>
  slotStep({ slots, wanted, trial: known, bootId })

const INSTALL = { kind: 'install', from: 'A' }
const SWITCH = { kind: 'switch', from: 'A', to: 'rootfs.1' }

test('a version is installed in the other slot, booted, and runs', () => {
  expect(step(slotsOf('A', '1.0', undefined))).toEqual(INSTALL)
  expect(step(slotsOf('A', '1.0', '2.0'), trial)).toEqual({ kind: 'restart' })
  expect(step(slotsOf('B', '1.0', '2.0'), trial, 'boot 2')).toEqual({ kind: 'running' })
  expect(step(slotsOf('B', '1.0', '2.0'))).toEqual({ kind: 'running' })
})

test('a slot that has the version already is only switched to if it is good', () => {
  expect(step(slotsOf('A', '1.0', '2.0'))).toEqual(SWITCH)
  expect(step(slotsOf('A', '1.0', '2.0', { isGood: false }))).toEqual(INSTALL)
})

test('a slot that is half written, or has other bytes of the same version, is written again', () => {
  expect(step(slotsOf('A', '1.0', '2.0', { mark: undefined }))).toEqual(INSTALL)
  expect(step(slotsOf('A', '1.0', '2.0', { mark: 'other bytes' }))).toEqual(INSTALL)
  const running = slotsOf('A', '2.0', '1.0').map((slot) => ({ ...slot, mark: 'other bytes' }))
  expect(step(running)).toEqual(INSTALL)
})

test('another version on trial leaves first', () => {
  const other = { ...trial, digest: 'three' }
  expect(step(slotsOf('B', '2.0', '3.0'), other)).toEqual({ kind: 'return' })
  expect(step(slotsOf('A', '2.0', '3.0'), { ...other, isWritten: false })).toEqual({ kind: 'return' })
  expect(step(slotsOf('B', '1.0', '2.0'), { ...trial, leftIn: 'boot 2' }, 'boot 2')).toEqual({ kind: 'return' })
})

test('a boot loader that returned to the slot from before is noticed', () => {
  expect(step(slotsOf('A', '1.0', '2.0'), trial, 'boot 2')).toEqual({ kind: 'fell-back', slot: 'A' })
})

test('a power cut while the slot is written blames no version', () => {
  const cut = { ...trial, isWritten: false }
  expect(step(slotsOf('A', '1.0', '2.0', { mark: undefined }), cut, 'boot 2')).toEqual(INSTALL)
  expect(step(slotsOf('A', '1.0', '2.0', { isGood: false }), cut, 'boot 2')).toEqual(INSTALL)
  expect(step(slotsOf('B', '1.0', '2.0'), cut, 'boot 2')).toEqual({ kind: 'running' })
})
