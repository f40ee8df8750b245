import type { LookAway } from '@skerry/contract/hub/look'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { systemClock } from '@skerry/platform/process/clock'
import { expect, onTestFinished, test } from 'vitest'
import { createLookBoard, type LookWish } from './look-board.ts'

const [ORGANISATION, OTHER] = ['org_a', 'org_b'] as OrganisationId[]
const AWAY: LookAway = { kind: 'away', code: 'device_unreachable', message: 'gone', atMs: 1 }

function boardOf() {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  return createLookBoard({ clock: systemClock, signal: stop.signal })
}

const wish = (key: string, organisationId = ORGANISATION as OrganisationId): LookWish => ({
  key,
  organisationId,
  ask: async () => AWAY,
})

test('an organisation that watches its maximum leaves room for others, and gets its own room back', () => {
  const board = boardOf()
  const watching = Array.from({ length: 64 }, () => board.watch(wish('pump')))
  expect(watching.every((each) => each !== undefined)).toBe(true)
  expect(board.watch(wish('pump'))).toBeUndefined()
  expect(board.watch(wish('fan', OTHER))).toBeDefined()
  watching[0]?.[Symbol.dispose]()
  expect(board.watch(wish('pump'))).toBeDefined()
})

test('an organisation can watch at most half of the different things that the others leave', () => {
  const board = boardOf()
  const fill = (organisationId: OrganisationId | undefined, name: string) =>
    Array.from({ length: 70 }, (_, index) => board.watch(wish(`${name}-${index}`, organisationId))).filter(Boolean)
  expect(fill(ORGANISATION, 'flow')).toHaveLength(64)
  expect(fill(OTHER, 'source')).toHaveLength(32)
  // Another watcher of the same object uses no further place.
  expect(board.watch(wish('flow-0', OTHER))).toBeDefined()
})

test('a waiting watcher receives nothing more after it leaves or the board ends', async () => {
  const board = boardOf()
  const watching = board.watch(wish('pump'))
  const leaving = new AbortController()
  expect(await watching?.next(leaving.signal)).toEqual(AWAY)
  const waiting = watching?.next(leaving.signal)
  leaving.abort()
  expect(await waiting).toBeUndefined()
})
