import type { DeviceStatus } from '@skerry/contract/devices/device'
import { expect, test } from 'vitest'
import { compileSelector, type SelectorFacts } from '../selectors/selector.ts'
import { checkPlacement, type PlacementFacts, placementProblem } from './placement.ts'

const selector = compileSelector('int(device.labels.rack) == 7')
if (!selector.ok) throw new Error(selector.message)
const needs = { selector, deployable: 'sensor', kind: 'model' as const, opset: 17 }

const factsOf = (status: DeviceStatus = 'active', rack = '7'): SelectorFacts => ({
  device: { id: 'dev_a', name: 'a', labels: { rack }, capabilities: [], status, online: true },
  site: { name: 'plant', kind: 'edge', labels: {}, clearance: 'internal' },
})
const inventory = { capabilities: ['onnx' as const], opsetMax: 21, diskFreeBytes: 100 }
const device: PlacementFacts = { facts: factsOf(), inventory, missingBytes: 100 }

test('a device that passes each check is selected', () => {
  expect(checkPlacement(device, needs).map(({ check, passed }) => [check, passed])).toEqual(
    ['selector', 'status', 'capability', 'opset', 'owner', 'disk'].map((check) => [check, true]),
  )
  expect(placementProblem(device, needs)).toBeUndefined()
})

test('a device that the policy does not pick is not selected, and the reason is the policy', () => {
  expect(placementProblem({ ...device, placed: true }, needs)).toBeUndefined()
  const reason = { placed: false, placeReason: 'the site boston is in US' }
  expect(placementProblem({ ...device, ...reason }, needs)).toMatchObject({
    check: 'placement',
    code: 'not_placed',
    detail: 'the placement policy does not pick it: the site boston is in US',
  })
})

test('unknown facts do not exclude a device', () => {
  const checks = checkPlacement({ ...device, inventory: undefined }, needs)
  expect(checks.filter(({ detail }) => detail.endsWith('not known yet')).map(({ check }) => check)).toEqual([
    'capability',
    'opset',
    'disk',
  ])
  expect(checks.every(({ passed }) => passed)).toBe(true)
})

test.each<[Partial<PlacementFacts>, string, string]>([
  [{ facts: factsOf('active', '8') }, 'selector_mismatch', 'the selector does not pick it'],
  [
    { facts: factsOf('active', 'x') },
    'selector_failed',
    'the selector fails on it, so it does not match: Cannot convert x to a BigInt',
  ],
  [{ facts: factsOf('pending') }, 'device_pending', 'the device waits for approval; run "skerry device approve"'],
  [{ facts: factsOf('quarantined') }, 'device_quarantined', 'run "skerry device release"'],
  [{ facts: factsOf('wiping') }, 'device_revoked', 'the device is wiped'],
  [{ facts: factsOf('conflict-paused') }, 'device_conflict_paused', 'run "skerry device resume"'],
  [{ facts: factsOf('revoked') }, 'device_revoked', 'the device has been revoked'],
  [{ inventory: { ...inventory, capabilities: [] } }, 'capability_missing', 'the device does not run ONNX models'],
  [
    { inventory: { ...inventory, opsetMax: 16 } },
    'model_opset_unsupported',
    'needs opset 17, the device loads up to 16',
  ],
  [{ owner: 'other' }, 'model_owned', 'the older deployment other owns the name sensor'],
  [
    { missingBytes: 101 },
    'disk_insufficient',
    'the version needs 101 B more, but only 100 B were free at its last report; free disk space',
  ],
])('%o is refused: %s', (rest, code, detail) => {
  const checks = checkPlacement({ ...device, ...rest }, needs)
  expect(checks.at(-1)).toMatchObject({ passed: false, code, detail: expect.stringContaining(detail) })
  expect(checks.filter(({ passed }) => !passed)).toEqual([placementProblem({ ...device, ...rest }, needs)])
})

test('a model for a runtime is placed on devices that have the named release of it, and joins no other', () => {
  const hosted = { ...needs, kind: 'hosted' as const, opset: 0, runtime: { app: 'triton', version: 3 } }
  const able = { capabilities: ['hosted' as const], opsetMax: 21, diskFreeBytes: 100 }
  const problemOn = (runtimes: { app: string; version: number }[] | undefined, runtime = hosted.runtime) =>
    placementProblem({ ...device, inventory: { ...able, ...(runtimes && { runtimes }) } }, { ...hosted, runtime })
  expect(problemOn([{ app: 'triton', version: 3 }])).toBeUndefined()
  expect(problemOn([{ app: 'triton', version: 2 }], { app: 'triton' } as typeof hosted.runtime)).toBeUndefined()
  expect(placementProblem({ ...device, inventory: undefined }, hosted)).toBeUndefined()
  const missing = { check: 'runtime', code: 'runtime_missing' }
  expect(problemOn(undefined)).toMatchObject({
    ...missing,
    detail: 'the device has no release of the app triton with a model repository; run "skerry deploy triton" first',
  })
  expect(problemOn([{ app: 'other', version: 3 }])).toMatchObject(missing)
  expect(problemOn([{ app: 'triton', version: 2 }])).toMatchObject({
    ...missing,
    detail: 'the device has release 2 of the app triton, and the model needs 3; run "skerry deploy triton:3" first',
  })
})

test('a flow is placed on each device with an agent that runs flows, with any runtime', () => {
  const flow = { ...needs, kind: 'flow' as const }
  expect(placementProblem(device, flow)).toMatchObject({
    code: 'capability_missing',
    detail: 'the agent of the device is too old to run flows; update it',
  })
  const able = { ...inventory, capabilities: ['flow' as const], opsetMax: 1 }
  expect(placementProblem({ ...device, inventory: able }, flow)).toBeUndefined()
})
