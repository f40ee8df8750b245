/** The link with a hub that is a few functions, and a clock that takes no time. */
import { setImmediate } from 'node:timers/promises'
import { createEventClock } from '@skerry/testkit/simulation/event-clock'
import { expect, test } from 'vitest'
import { createConditions } from '../conditions.ts'
import type { DeviceConnections } from '../connections/open-connections.ts'
import { connectionsHeld } from '../held/connections.ts'
import { secretsHeld } from '../held/secrets.ts'
import { trustHeld } from '../held/trust.ts'
import type { SecretKeeper } from '../secrets/secret-keeper.ts'
import type { TrustKeeper } from '../verifying/trust-keeper.ts'
import { createLink, type LinkDeps } from './link.ts'
import type { LinkClient } from './signed-streams.ts'

const QUIET = { debug() {}, info() {}, warn() {}, error() {} } as unknown as LinkDeps['log']

type Asked = { signal: AbortSignal }

/** It answers calls, says nothing on its streams, and proves itself after some time. */
function fakeHub(clock: LinkDeps['clock'], provesAfterMs: number) {
  const asked: string[] = []
  const calls = new Proxy({} as LinkClient, {
    get:
      (_, name: string) =>
      async (input: unknown, { signal }: Asked) => {
        asked.push(name === 'held' ? `held ${Object(input).name}` : name)
        if (name === 'report') return { nextReportMs: 60_000, hubTimeMs: clock.nowMs(), generation: 0 }
        return STREAMS.includes(name) ? speak(name, signal) : {}
      },
  })
  async function* speak(name: string, signal: AbortSignal) {
    if (name === 'documents') {
      await clock.sleep(provesAfterMs, signal)
      yield { name: 'trust', document: {} }
    }
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
  }
  const connect = async () => {
    const closed = new AbortController()
    const closing = { closed: closed.signal, reason: () => undefined, [Symbol.dispose]: () => closed.abort() }
    return { ok: true as const, connection: { client: calls, ...closing } }
  }
  return { asked, connect }
}

const STREAMS = ['desired', 'commands', 'jobs', 'documents']

/** A device that has the result of a job, secrets and connections to tell of; `pass` lets time go by. */
function startDevice(provesAfterMs: number) {
  const clock = createEventClock(1_800_000_000_000)
  const conditions = createConditions(QUIET, () => {})
  const ends: { code: string; atMs: number }[] = []
  const hub = fakeHub(clock, provesAfterMs)
  const results = [{ batchId: 'bat_aaaaaaaa', attempt: 1, outcome: 'succeeded', output: 'what it measured' }]
  const parts = {
    log: {
      ...QUIET,
      info: (event: string, { code }: { code: string }) =>
        event === 'link_down' && ends.push({ code, atMs: clock.monotonicMs() }),
    },
    identity: () => ({ hub: 'https://hub', certificate: '' }),
    report: async () => ({ inventory: {}, items: [] }),
    renewal: { renewIfDue: async () => false },
    jobs: {
      kinds: [],
      unheard: () => [...results],
      heard: () => results.pop(),
      news: (signal: AbortSignal) => clock.sleep(60_000, signal),
      linkEnded() {},
    },
    held: [
      trustHeld({ held: () => ({}) } as unknown as TrustKeeper),
      secretsHeld({ held: () => ({}) } as unknown as SecretKeeper),
      connectionsHeld({
        held: () => ({ running: [] }),
        news: (signal: AbortSignal) => clock.sleep(1_000, signal),
      } as unknown as DeviceConnections),
    ],
  }
  const given = { clock, conditions, random: () => 0, connect: hub.connect, privateKey: '', onHubTime() {} }
  const link = createLink({ ...given, ...parts } as unknown as LinkDeps)
  const stop = new AbortController()
  const running = link.run(stop.signal)
  const pass = async (untilMs: number) => {
    // It waits for something only after it has connected.
    await setImmediate()
    while (clock.monotonicMs() < untilMs && (await clock.next()));
  }
  const end = async () => {
    stop.abort()
    await running.catch(() => {})
  }
  return { ...hub, conditions, ends, results, pass, [Symbol.asyncDispose]: end }
}

test('a hub that signs nothing keeps the device for two minutes, and is named', async () => {
  await using device = startDevice(Number.MAX_SAFE_INTEGER)
  await device.pass(125_000)
  expect(device.ends).toEqual([{ code: 'hub_unproved', atMs: 120_000 }])
  expect(device.conditions.list()).toMatchObject([
    { code: 'hub_unproved', message: expect.stringContaining('sent no signature within 120 s') },
  ])
  expect(device.asked.filter((name) => name === 'held trust')).toHaveLength(2)
})

test('a hub that proves itself in time keeps the device', async () => {
  await using device = startDevice(119_000)
  await device.pass(600_000)
  expect(device.ends).toEqual([])
  expect(device.conditions.list()).toEqual([])
})

test('results of jobs, secrets and connections are told of only after the proof', async () => {
  await using device = startDevice(60_000)
  await device.pass(59_000)
  expect(new Set(device.asked)).toEqual(new Set(['report', 'documents', 'held trust']))
  expect(device.results).toHaveLength(1)
  await device.pass(120_000)
  expect(device.asked).toEqual(expect.arrayContaining(['jobs', 'jobDone', 'held secrets', 'held connections']))
  expect(device.results).toEqual([])
})
