import { AccessOrder } from '@skerry/contract/access/access'
import { expect, test } from 'vitest'
import { createLocalConsents } from './local-consents.ts'

const orderOf = (id: string, remainingMs = 60_000) =>
  AccessOrder.parse({
    session: 'acs_abcdefgh234567ab',
    device: 'dev_abcdefgh234567ab',
    grant: { id, holder: 'mia', reason: 'the camera is dark', kinds: ['shell'], targets: [], remainingMs },
    wish: { kind: 'shell' },
  })

const idOf = (at: number) =>
  `gra_${'abcdefghijklmnop'.slice(0, 12)}${String.fromCharCode(97 + (at % 26))}${String.fromCharCode(97 + Math.floor(at / 26))}aa`

/** A clock whose sleeps end when a test says so. */
function newStage(isNeeded: boolean) {
  const notes: string[] = []
  const sleeping = new Set<() => void>()
  const clock = {
    atMs: 0,
    nowMs: () => clock.atMs,
    monotonicMs: () => clock.atMs,
    sleep: (_ms: number, signal: AbortSignal) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      sleeping.add(resolve)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      return promise
    },
  }
  const journal = { note: (action: string) => void notes.push(action) }
  const consents = createLocalConsents({ isNeeded, clock, journal })
  return { clock, notes, consents, wakeAll: () => Array.from(sleeping, (wake) => wake()) }
}

const never = new AbortController().signal

test('without the need of consent a grant counts, and a person can still end it', async () => {
  const { consents, notes } = newStage(false)
  const judged = await consents.judge(orderOf(idOf(1)), never)
  expect(judged).toMatchObject({ ok: true, withdrawn: { aborted: false } })
  expect(consents.decide(idOf(1), false)).toBe(true)
  expect(judged).toMatchObject({ withdrawn: { aborted: true } })
  expect(await consents.judge(orderOf(idOf(1)), never)).toMatchObject({ ok: false })
  expect(consents.decide(idOf(1), true)).toBe(true)
  expect(await consents.judge(orderOf(idOf(1)), never)).toMatchObject({ ok: true, withdrawn: { aborted: false } })
  expect(notes).toEqual(['consent-refused', 'consent-given'])
})

test('a grant waits for a person, and the answer opens the session that waits', async () => {
  const { consents } = newStage(true)
  const judged = consents.judge(orderOf(idOf(1)), never)
  expect(consents.list()).toMatchObject([{ grant: idOf(1), state: 'waiting', holder: 'mia', remainingMs: 60_000 }])
  consents.decide(idOf(1), true)
  expect(await judged).toMatchObject({ ok: true })
})

test('without an answer in time the session is refused, and may be opened again', async () => {
  const { consents, wakeAll } = newStage(true)
  const judged = consents.judge(orderOf(idOf(1)), never)
  wakeAll()
  expect(await judged).toMatchObject({ ok: false, message: expect.stringContaining('must agree') })
  consents.decide(idOf(1), true)
  expect(await consents.judge(orderOf(idOf(1)), never)).toMatchObject({ ok: true })
})

test('a hub that takes its order back ends the wait', async () => {
  const { consents } = newStage(true)
  const stop = new AbortController()
  const judged = consents.judge(orderOf(idOf(1)), stop.signal)
  stop.abort()
  await expect(judged).rejects.toThrow()
})

test('a grant that has ended is forgotten, and its consent with it', async () => {
  const { consents, clock } = newStage(true)
  const judged = consents.judge(orderOf(idOf(1), 1_000), never)
  consents.decide(idOf(1), true)
  await judged
  clock.atMs = 1_000
  expect(consents.list()).toEqual([])
  expect(consents.decide(idOf(1), true)).toBe(false)
})

test('a hub that invents grants cannot fill the memory of the device', async () => {
  const { consents } = newStage(false)
  for (let at = 0; at < 64; at++) expect(await consents.judge(orderOf(idOf(at)), never)).toMatchObject({ ok: true })
  expect(await consents.judge(orderOf(idOf(64)), never)).toMatchObject({ ok: false })
  expect(consents.list()).toHaveLength(64)
})
