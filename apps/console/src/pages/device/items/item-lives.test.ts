import type { DeviceEvent, ItemStanding } from '@skerry/contract/devices/device-event'
import { ItemState } from '@skerry/contract/devices/item'
import { DeploymentId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { currentLife, isRemembered, livesOf, stepsOf } from './item-lives.ts'

const deploymentId = DeploymentId.parse('dep_aaaaaaaa')
const cause = { code: 'golden_mismatch', message: 'other numbers' }

type Said = [state: ItemState, version?: number, changes?: Partial<ItemStanding>]

/** The events of a device that said so, a second apart; newest first. */
function eventsOf(said: readonly (Said | 'gone')[]): DeviceEvent[] {
  return said
    .map((each, index): DeviceEvent => {
      const atMs = 1_000 * (index + 1)
      const after = each === 'gone' ? undefined : standing(each, atMs - 10)
      return { sequence: index + 1, atMs, change: { kind: 'item', model: 'pump', ...(after && { after }) } }
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

test('a life is drawn with what was seen, what was passed unseen, and what lies ahead', () => {
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

test('a failure ends the line where it happened, with its cause, and is remembered until the version has proved itself', () => {
  const lives = livesOf(
    eventsOf([['probation'], ['active'], ['fetching', 2], ['golden', 2], ['failed', 2], ['active', 1]]),
    'pump',
  )
  const [back, failed, first] = lives
  if (!back || !failed || !first) throw new Error('no lives')
  expect(shown(failed)).toEqual(['fetching done', 'verifying passed', 'loading passed', 'golden done', 'failed failed'])
  expect(stepsOf(failed).at(-1)?.seen?.cause).toEqual(cause)
  expect([shown(back), back.isReturn]).toEqual([['active now'], true])
  expect([isRemembered(failed, lives), isRemembered(first, lives)]).toEqual([true, false])
  expect([first.endedAtMs, failed.endedAtMs, back.endedAtMs]).toEqual([3_000, 6_000, undefined])
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

test('a failure that no report led up to is drawn where its cause can only have come up', () => {
  const [life] = livesOf(eventsOf([['failed']]), 'pump')
  expect(life && shown(life)).toEqual([
    'fetching passed',
    'verifying passed',
    'loading passed',
    'golden passed',
    'failed failed',
  ])
  const [other] = livesOf(eventsOf([['failed', 1, { cause: { code: 'step_failed', message: 'x' } }]]), 'pump')
  expect(other && shown(other)).toEqual(['failed failed'])
})

test('a reboot on the way begins the line again, and is counted', () => {
  const [life] = livesOf(eventsOf([['fetching'], ['loading'], ['absent'], ['fetching']]), 'pump')
  expect(life?.attempts).toBe(2)
  expect(life && shown(life)[0]).toBe('fetching now')
})

test('a model that went and came back has two lives', () => {
  const lives = livesOf(eventsOf([['active'], 'gone', ['fetching']]), 'pump')
  expect(lives.map(({ end, endedAtMs }) => [end.state, endedAtMs])).toEqual([
    ['fetching', undefined],
    ['active', 2_000],
  ])
  expect(livesOf(eventsOf([['active']]), 'oven')).toEqual([])
})

test('an item that the history does not reach back to is drawn from its own words', () => {
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

test('whatever was said, the line of the newest life ends with what was said last', () => {
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
      expect(drawn.map(({ state }) => state)).toEqual(last[0] === 'absent' ? [] : [last[0]])
    }),
  )
})
