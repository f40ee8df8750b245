import { expect, test } from 'vitest'
import { rejectedVersion, wantedName } from './rejected-version.ts'

const on = (version: number, devices: number) => ({ version, devices })

const rolledBack = {
  spec: { name: 'line', deployable: 'press' },
  version: 2,
  revision: 3,
  stableRevision: 2,
  rolloutStatus: 'rolled-back' as const,
  wanted: { versions: [on(1, 2), on(2, 0)], none: 0 },
}

test('after a rollback the wanted version is the earlier one, and the spec names the rejected one', () => {
  expect(rejectedVersion(rolledBack)).toEqual({
    wanted: 'press:1',
    wantedVersion: 1,
    named: 'press:2',
    note: 'Revision 3 was rolled back. The spec still names press:2, and no device is offered it.',
    next: 'skerry deployment rollback line --to 2',
  })
  expect(wantedName({ ...rolledBack, wanted: { versions: [on(1, 2), on(4, 1)], none: 0 } })).toBe('press:1,4')
})

test('a first revision that was rejected leaves nothing to roll back to', () => {
  const first = { ...rolledBack, stableRevision: undefined, wanted: { versions: [], none: 2 } }
  expect(rejectedVersion(first)).toMatchObject({
    wanted: 'no press',
    wantedVersion: undefined,
    next: 'skerry deploy press:VERSION --name line',
  })
  const spec = { name: 'press', deployable: 'press' }
  expect(rejectedVersion({ ...first, spec, rolloutStatus: 'aborted' })).toMatchObject({
    note: 'Revision 3 was aborted. The spec still names press:2, and no device is offered it.',
    next: 'skerry deploy press:VERSION',
  })
})

test('a version that a device is offered is not rejected', () => {
  const some = { versions: [on(1, 1), on(2, 1)], none: 0 }
  expect(rejectedVersion({ ...rolledBack, rolloutStatus: 'aborted', wanted: some })).toBeUndefined()
  expect(rejectedVersion({ ...rolledBack, wanted: undefined })).toBeUndefined()
  expect(wantedName({ ...rolledBack, rolloutStatus: 'paused' })).toBe('press:2')
})
