import { expect, test } from 'vitest'
import { type SlotTrial, slotStep } from './slot-step.ts'

const slotsOf = (booted: 'A' | 'B', a: string | undefined, b: string | undefined) => [
  { name: 'rootfs.0', bootName: 'A', isBooted: booted === 'A', version: a },
  { name: 'rootfs.1', bootName: 'B', isBooted: booted === 'B', version: b },
]
const wanted = { digest: 'two', version: '2.0' }
const trial: SlotTrial = { digest: 'two', from: 'A', bootId: 'boot 1' }
const step = (slots: ReturnType<typeof slotsOf>, known?: SlotTrial, bootId = 'boot 1') =>
  slotStep({ slots, wanted, trial: known, bootId })

test('a version is installed in the other slot, booted, and runs', () => {
  expect(step(slotsOf('A', '1.0', undefined))).toEqual({ kind: 'install', from: 'A' })
  expect(step(slotsOf('A', '1.0', '2.0'), trial)).toEqual({ kind: 'restart' })
  expect(step(slotsOf('B', '1.0', '2.0'), trial, 'boot 2')).toEqual({ kind: 'running' })
  expect(step(slotsOf('B', '1.0', '2.0'))).toEqual({ kind: 'running' })
})

test('a slot that has the version already is only switched to', () => {
  expect(step(slotsOf('A', '1.0', '2.0'))).toEqual({ kind: 'switch', from: 'A', to: 'rootfs.1' })
  const other = { ...trial, digest: 'three' }
  expect(step(slotsOf('A', '3.0', '2.0'), other)).toEqual({ kind: 'switch', from: 'A', to: 'rootfs.1' })
})

test('a boot loader that returned to the slot from before is noticed', () => {
  expect(step(slotsOf('A', '1.0', '2.0'), trial, 'boot 2')).toEqual({ kind: 'fell-back', slot: 'A' })
})
