import type { DeviceEvent, ItemStanding } from '@skerry/contract/devices/device-event'
import { ItemState } from '@skerry/contract/devices/item'
import { kinds } from '@skerry/contract/kinds/kinds'
import { DeploymentId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { currentLife, endedAtMs, isRemembered, livesOf, stepsOf } from './item-lives.ts'

const deploymentId = DeploymentId.parse('dep_aaaaaaaa')
const cause = { code: 'golden_mismatch', message: 'other numbers' }

type Said = [state: ItemState, version?: number, changes?: Partial<ItemStanding>]

/** The events of a device with these reports, a second apart; newest first. */
function eventsOf(said: readonly (Said | 'gone')[]): DeviceEvent[] {
  return said
    .map((each, index): DeviceEvent => {
      const atMs = 1_000 * (index + 1)
      const after = each === 'gone' ? undefined : standing(each, atMs - 10)
      return { sequence: index + 1, atMs, change: { kind: 'item', name: 'pump', ...(after && { after }) } }
    })
    .toReversed()
}

const standing = ([state, version = 1, changes]: Said, sinceMs: number): ItemStanding => ({
  deploymentId,
  revision: version,
  version,
  retryToken: 0,
  state,
  sinceMs,
  ...(state === 'failed' && { cause }),
  ...changes,
})

const shown = (life: Parameters<typeof stepsOf>[0]) => stepsOf(life).map(({ state, how }) => `${state} ${how}`)

test('a life shows reported states, states without a report, and future states', () => {
  const [life] = livesOf(eventsOf([['fetching'], ['verifying'], ['golden']]), 'pump')
  if (!life) throw new Error('no life')
  expect(shown(life)).toEqual([
    'fetching done',
    'verifying done',
    'loading passed',
    'golden now',
    'probation ahead',
    'active ahead',
  ])
  expect(stepsOf(life).map(({ tookMs }) => tookMs)).toEqual([
    1_000,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect(life).toMatchObject({ version: 1, attempts: 1, isReturn: false })
})

test('a kind without golden cases has no such step, unless a report showed it', () => {
  const line = (steps: Said[]) => {
    const [life] = livesOf(eventsOf(steps), 'pump')
    return life && stepsOf(life, kinds.os.lifecycle).map(({ state, how }) => `${state} ${how}`)
  }
  const rest = ['probation ahead', 'active ahead']
  expect(line([['fetching'], ['loading']])).toEqual(['fetching done', 'verifying passed', 'loading now', ...rest])
  expect(line([['fetching'], ['golden']])).toContain('golden now')
})

test('a failed life ends with its cause, and is remembered until its version proves itself', () => {
  const lives = livesOf(
    eventsOf([['probation'], ['active'], ['fetching', 2], ['golden', 2], ['failed', 2], ['active', 1]]),
    'pump',
  )
  const [back, failed, first] = lives
  if (!back || !failed || !first) throw new Error('no lives')
  expect(shown(failed)).toEqual([
    'fetching done',
    'verifying passed',
    'loading passed',
    'golden failed',
    'failed failed',
  ])
  expect(stepsOf(failed).at(-1)?.seen?.cause).toEqual(cause)
  expect([shown(back), back.isReturn]).toEqual([['active now'], true])
  expect([isRemembered(failed, lives), isRemembered(first, lives)]).toEqual([true, false])
  expect([first.endedAtMs, failed.endedAtMs, back.endedAtMs]).toEqual([3_000, 6_000, undefined])
  // The rollback at 6 s is not the time of the failure.
  expect([endedAtMs(first), endedAtMs(failed)]).toEqual([3_000, 5_000])
  const retried = livesOf(
    eventsOf([
      ['failed', 2],
      ['fetching', 2, { retryToken: 1 }],
      ['active', 2, { retryToken: 1 }],
    ]),
    'pump',
  )
  expect(retried.map((life) => isRemembered(life, retried))).toEqual([false, false])
})

test('a failure without earlier reports is placed at the state that can cause it', () => {
  const [life] = livesOf(eventsOf([['failed']]), 'pump')
  expect(life && shown(life)).toEqual([
    'fetching passed',
    'verifying passed',
    'loading passed',
    'golden failed',
    'failed failed',
  ])
  const [other] = livesOf(eventsOf([['failed', 1, { cause: { code: 'step_failed', message: 'x' } }]]), 'pump')
  expect(other && shown(other)).toEqual(['failed failed'])
})

test.each([
  ['signature_invalid', ['fetching passed', 'verifying failed', 'failed failed']],
  ['model_load_failed', ['fetching passed', 'verifying passed', 'loading failed', 'failed failed']],
  [
    'probation_failed',
    [
      ...'fetching verifying loading golden'.split(' ').map((step) => `${step} passed`),
      'probation failed',
      'failed failed',
    ],
  ],
])('the step that %s belongs to is marked as failed, not as passed', (code, steps) => {
  const [life] = livesOf(eventsOf([['failed', 1, { cause: { code, message: 'x' } }]]), 'pump')
  expect(life && shown(life)).toEqual(steps)
})

test('a cause that can occur in any step marks the last reported step as failed', () => {
  const [life] = livesOf(
    eventsOf([['fetching'], ['loading'], ['failed', 1, { cause: { code: 'step_failed', message: 'x' } }]]),
    'pump',
  )
  expect(life && shown(life)).toEqual(['fetching done', 'verifying passed', 'loading failed', 'failed failed'])
})

test('a failure that no event shows has no time', () => {
  const target = { revision: 3, version: 3, digest: 'sha256:x' as never, retryToken: 0 }
  const item = {
    kind: 'model' as const,
    name: 'pump',
    deploymentId,
    target,
    state: 'failed' as const,
    cause,
    sinceMs: 5,
  }
  expect(endedAtMs({ ...currentLife([], item), endedAtMs: 9_000 })).toBeUndefined()
})

test('a reboot during an update restarts the life and counts an attempt', () => {
  const [life] = livesOf(eventsOf([['fetching'], ['loading'], ['absent'], ['fetching']]), 'pump')
  expect(life?.attempts).toBe(2)
  expect(life && shown(life)[0]).toBe('fetching now')
})

test('a model that was removed and deployed again has two lives', () => {
  const lives = livesOf(eventsOf([['active'], 'gone', ['fetching']]), 'pump')
  expect(lives.map(({ end, endedAtMs }) => [end.state, endedAtMs])).toEqual([
    ['fetching', undefined],
    ['active', 2_000],
  ])
  expect(livesOf(eventsOf([['active']]), 'oven')).toEqual([])
})

test('an item older than the history is drawn from its current state', () => {
  const target = { revision: 3, version: 3, digest: 'sha256:x' as never, retryToken: 0 }
  const item = { kind: 'model' as const, name: 'pump', deploymentId, target, state: 'active' as const, sinceMs: 5 }
  const life = currentLife(livesOf(eventsOf([['failed', 2]]), 'pump'), item)
  expect(shown(life)).toEqual([
    'fetching passed',
    'verifying passed',
    'loading passed',
    'golden passed',
    'probation passed',
    'active now',
  ])
})

test('for any history, the newest life ends with the last reported state', () => {
  const said = fc.oneof(
    fc.constant('gone' as const),
    fc.tuple(fc.constantFrom(...ItemState.options), fc.integer({ min: 1, max: 2 })).map((pair): Said => pair),
  )
  fc.assert(
    fc.property(fc.array(said, { minLength: 1, maxLength: 12 }), (all) => {
      const last = all.at(-1) ?? 'gone'
      const [life] = livesOf(eventsOf(all), 'pump')
      if (last === 'gone') {
        expect(life === undefined || life.endedAtMs !== undefined).toBe(true)
        return
      }
      expect(life?.end).toMatchObject({ state: last[0], version: last[1] })
      const drawn = life ? stepsOf(life).filter(({ how }) => how === 'now' || how === 'failed') : []
      // With a failure, the step in which it occurred is drawn as failed, too.
      expect(drawn.map(({ state }) => state).at(-1)).toEqual(last[0] === 'absent' ? undefined : last[0])
      expect(drawn.slice(0, -1).every(({ state }) => last[0] === 'failed' && state === 'golden')).toBe(true)
    }),
  )
})
