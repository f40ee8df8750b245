import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { simulateDevice } from '@skerry/testkit/simulation/simulated-device'
import { expect, test } from 'vitest'
import { planDevice } from './device-plan.ts'
import { canLoad } from './machine-hold.ts'

const model = buildDesiredItem({ name: 'anomaly', version: 1 })
const flow = buildDesiredItem({ kind: 'flow', name: 'pump', version: 2 })
const unready = new Set(['flow'] as const)

test('a kind whose driver is not ready is not loaded, and each other kind is', () => {
  expect(canLoad(model, { loaded: [], machine: { unready } })).toBe(true)
  expect(canLoad(flow, { loaded: [], machine: { unready } })).toBe(false)
  expect(canLoad(model, {})).toBe(false)
})

test('after a restart, a version waits for its driver while the others come back', () => {
  const device = simulateDevice()
  device.facts.wanted = [model, flow]
  device.settle()
  const facts = { ...device.read(), loaded: [] }
  const loads = (machine: object) =>
    planDevice({ ...facts, machine }).act.flatMap((step) => (step.kind === 'load' ? [step.item.name] : []))
  expect(loads({})).toEqual(['anomaly', 'pump'])
  expect(loads({ unready })).toEqual(['anomaly'])
})
