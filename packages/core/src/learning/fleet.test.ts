import { LearningFleetSpec } from '@skerry/contract/learning/learning-fleet'
import { expect, test } from 'vitest'
import { type MemberFacts, memberName, memberSpec, memberTrouble } from './fleet.ts'

const SPEC = LearningFleetSpec.parse({
  name: 'pump',
  selector: 'device.labels["line"] == "a"',
  source: 'plc',
  tags: ['bar', 'flow'],
  everyMs: 500,
  result: 'deploy',
})

const SOUND: MemberFacts = {
  device: 'line-1',
  status: 'active',
  live: 0,
  sources: ['panel', 'plc'],
  current: undefined,
  owner: undefined,
  alarmOwner: undefined,
}

const troubleOf = (part: Partial<MemberFacts>) => memberTrouble(SPEC, { ...SOUND, ...part })

test('each device learns by the same recipe, under a name of its own', () => {
  expect(memberName('pump', 'line-1')).toBe('pump-line-1')
  const spec = memberSpec(SPEC, 'line-1')
  expect(spec).toMatchObject({ name: 'pump-line-1', device: 'line-1', source: 'plc', tags: ['bar', 'flow'] })
  expect(spec).toMatchObject({ everyMs: 500, result: 'deploy', seconds: 7 * 86_400 })
  expect(spec).not.toHaveProperty('selector')
})

test('a device begins if nothing stands in its way, also if it has learned under the name before', () => {
  expect(troubleOf({})).toBeUndefined()
  expect(troubleOf({ live: 7, owner: 'model', alarmOwner: 'flow' })).toBeUndefined()
  expect(troubleOf({ current: { device: 'line-1', phase: 'done' } })).toBeUndefined()
  expect(troubleOf({ current: { device: 'line-1', phase: 'refused' } })).toBeUndefined()
})

test.each([
  [{ status: 'quarantined' }, 'the device is quarantined'],
  [{ device: `line-${'1'.repeat(50)}` }, 'would be too long'],
  [{ sources: ['panel'] }, 'the device has no source plc'],
  [{ live: 8 }, 'has 8 learnings under way'],
  [{ current: { device: 'line-2', phase: 'done' as const } }, 'belongs to the device line-2'],
  [{ current: { device: 'line-1', phase: 'shadow' as const } }, 'is under way'],
  [{ owner: 'app' }, 'the name pump-line-1 has the kind app'],
  [{ alarmOwner: 'model' }, 'the name pump-line-1-alarm has the kind model'],
])('a device with %j is left out with the reason', (part, reason) => {
  expect(troubleOf(part)).toContain(reason)
})
