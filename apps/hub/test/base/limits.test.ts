/** One who guesses behind the address of a whole site slows down nobody but the one that they guess at, and not even that one's right key. */
import { systemClock } from '@skerry/platform/process/clock'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newPerson, signIn } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

let hub: TestHub
let nowMs = Date.now()
beforeEach(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
})
afterEach(() => hub[Symbol.asyncDispose]())

const newKey = async (name: string) =>
  (await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name, role: 'viewer' } })).body.secret
const wrongOf = (key: string) => `${key.slice(0, -8)}AAAAAAAA`
const codeWith = async (key: string) => (await hub.ask<{ code?: string }>('GET', '/v1/me', { key })).body.code ?? 'ok'

async function guess(key: string, times: number): Promise<string | undefined> {
  let code: string | undefined
  for (let count = 0; count < times; count++) code = await codeWith(key)
  return code
}

test('a guesser at one key has to wait; its holder, and all the others behind the same address, do not', async () => {
  const victim = await newKey('victim')
  const neighbour = await newKey('neighbour')
  expect(await guess(wrongOf(victim), 14)).toBe('rate_limited')
  expect(await codeWith(victim)).toBe('ok')
  expect(await codeWith(neighbour)).toBe('ok')
  // A neighbour's own mistake is told as one.
  expect(await codeWith(wrongOf(neighbour))).toBe('key_invalid')
  await newPerson(hub, 'ada@plant.example', 'editor')
  expect((await signIn(hub, 'ada@plant.example', { password: 'not that one' })).body.code).toBe('sign_in_refused')
  expect((await signIn(hub, 'ada@plant.example')).status).toBe(200)
})

test('a guesser who takes ever new names is stopped by address, and who has a good key comes in all the same', async () => {
  const neighbour = await newKey('neighbour')
  const codes: string[] = []
  for (let count = 0; count < 60; count++) {
    const id = String(count)
      .padStart(12, 'a')
      .replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? 'a')
    codes.push(await codeWith(`sk_${id}_${'A'.repeat(43)}`))
  }
  expect(codes.indexOf('rate_limited')).toBe(50)
  expect(codes.at(-1)).toBe('rate_limited')
  expect(await codeWith(neighbour)).toBe('ok')
  nowMs += 120_000
  expect(await codeWith(wrongOf(neighbour))).toBe('key_invalid')
})
