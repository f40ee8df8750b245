import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { simulateDevice } from '@skerry/testkit/simulation/simulated-device'
import { expect, test } from 'vitest'

test('what runs under the name of a rejected item goes on, and what is not named any more ends', () => {
  const device = simulateDevice()
  device.facts.wanted = [buildDesiredItem({ version: 1 }), buildDesiredItem({ version: 2, name: 'other' })]
  device.settle()
  device.facts.wanted = []
  device.facts.rejected = [{ name: 'm' }]
  device.settle()
  expect([device.serving(), device.serving('other')]).toEqual([[1], []])
  device.facts.rejected = [{}]
  expect(device.settle()).toEqual([])
  device.facts.rejected = []
  device.settle()
  expect(device.serving()).toEqual([])
})
