/** Hubs on one PostgreSQL: who leads, what they hear, and that whoever led writes nothing any more. */
import { systemClock } from '@skerry/platform/process/clock'
import { hasPostgres, newDatabase, type PostgresCluster, sqlOn, startPostgres } from '@skerry/testkit/postgres-cluster'
import { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createBus, type Topic } from '../bus.ts'
import { openPostgresStore } from '../store/postgres-store.ts'
import type { Lead } from './cluster.ts'
import { beginTerm, LeadLost } from './fenced-store.ts'
import { joinCluster } from './join-cluster.ts'
import { type Ask, BEAT_MS, keepSession } from './session.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }

async function joinAs(url: string, hubId: string) {
  const opened = await openPostgresStore({ url, nowMs: 0, log: silent })
  if (!opened.ok) throw new Error(opened.message)
  const { store } = opened
  const heard: string[] = []
  const own = createBus(silent)
  const topics: Topic[] = ['desired.changed', 'everything.changed']
  for (const topic of topics) own.subscribe(topic, undefined, (key) => void heard.push(`${topic} ${key}`))
  const cluster = joinCluster({ url, hubId, store, clock: systemClock, log: silent }, own)
  const leads: Lead[] = []
  let working = 0
  cluster.lead((lead) => {
    leads.push(lead)
    working += 1
    return {
      async [Symbol.asyncDispose]() {
        working -= 1
      },
    }
  })
  onTestFinished(async () => {
    await cluster[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
  })
  return { cluster, store, heard, leads, working: () => working }
}

const SOON = { interval: 20 }

const write = ({ store }: Lead) =>
  store.transaction((tx) =>
    tx
      .insertInto('organisations')
      .values({ id: 'org_x' as never, name: 'x', created_at_ms: 0 })
      .execute(),
  )

const secondsOf = (setting: string) =>
  `select extract(epoch from current_setting('${setting}')::interval)::int as seconds`

const endSessions = (url: string) =>
  sqlOn(url, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'skerry hub, session'`)

describe.skipIf(!hasPostgres)('hubs on one database', () => {
  let server: PostgresCluster
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('one leads; when it goes, the other does', async () => {
    const url = await newDatabase(server.url)
    const a = await joinAs(url, 'a')
    await expect.poll(() => a.cluster.isLeading(), SOON).toBe(true)
    const b = await joinAs(url, 'b')
    await expect.poll(() => b.heard.length, SOON).toBeGreaterThan(0)
    expect(b.cluster.isLeading()).toBe(false)
    await a.cluster[Symbol.asyncDispose]()
    expect(a.working()).toBe(0)
    await expect.poll(() => b.cluster.isLeading(), SOON).toBe(true)
    expect(await sqlOn(url, 'select epoch, hub_id from hub_leader')).toEqual(['2|b'])
  })

  test('a hub that serves with another certificate is known by that one, and is still one hub', async () => {
    const { cluster } = await joinAs(await newDatabase(server.url), 'a')
    const card = { url: 'https://a.example:8443', version: '0.1.0' }
    const seen = async () => (await cluster.members()).map(({ certificateFingerprint }) => certificateFingerprint)
    for (const certificateFingerprint of ['old', 'new']) {
      cluster.announce({ ...card, certificateFingerprint })
      await expect.poll(seen, SOON).toEqual([certificateFingerprint])
    }
  })

  test('a hub that stands still has lost every lock, and another has looked for the lead, within ten seconds', async () => {
    const url = await newDatabase(server.url)
    const { store } = await joinAs(url, 'a')
    const opened = Promise.withResolvers<Ask>()
    const nothing = async () => undefined
    const listener = {
      channel: 'x',
      opened: async (ask: Ask) => opened.resolve(ask),
      beat: nothing,
      heard() {},
      closed() {},
    }
    await using _session = keepSession({ url, log: silent }, listener)
    // As the server has them: it is the server that ends what is silent, whatever the hub's own clock does.
    const [lead] = await (await opened.promise)<{ seconds: number }>(secondsOf('idle_session_timeout'))
    const write = await store.transaction(async (tx) => {
      const { rows } = await tx.executeQuery(CompiledQuery.raw(secondsOf('idle_in_transaction_session_timeout')))
      return rows[0] as { seconds: number }
    })
    const beat = BEAT_MS / 1_000
    // Three beats may fail before a hub that works loses its lead.
    expect(Number(lead?.seconds)).toBeGreaterThan(3 * beat)
    // Both wait at the same time. A beat until it is seen, and one more for asking and for the transaction that begins the term.
    expect(Math.max(Number(lead?.seconds), Number(write.seconds)) + 2 * beat).toBeLessThanOrEqual(10)
  })

  test('a leader that does not know that it is one no more writes nothing', async () => {
    const url = await newDatabase(server.url)
    const a = await joinAs(url, 'a')
    await expect.poll(() => a.leads.length, SOON).toBe(1)
    const [lead] = a.leads as [Lead]
    await beginTerm(a.store, { hubId: 'b', nowMs: 0 })
    await expect(write(lead)).rejects.toThrow(LeadLost)
    expect(await sqlOn(url, 'select id from organisations')).toEqual([])
    expect(lead.signal.aborted).toBe(true)
    // It comes back in a term of its own.
    await expect.poll(() => a.leads.length, SOON).toBe(2)
    await write(a.leads[1] as Lead)
    await expect(write(lead)).rejects.toThrow(LeadLost)
    expect(a.working()).toBe(1)
  })

  test('what one tells the others hear; what is lost with a connection makes them look at everything', async () => {
    const url = await newDatabase(server.url)
    const a = await joinAs(url, 'a')
    const b = await joinAs(url, 'b')
    await expect.poll(() => b.heard.length, SOON).toBeGreaterThan(0)
    await expect.poll(() => a.heard.length, SOON).toBeGreaterThan(1)
    a.cluster.bus.publish('desired.changed', 'dev_1')
    await expect.poll(() => b.heard, SOON).toContain('desired.changed dev_1')
    expect(a.heard.filter((event) => event === 'desired.changed dev_1')).toHaveLength(1)
    const before = b.heard.length
    await endSessions(url)
    a.cluster.bus.publish('desired.changed', 'dev_2')
    await expect.poll(() => b.heard.slice(before), SOON).toContain('everything.changed ')
    await expect.poll(() => [a, b].filter(({ cluster }) => cluster.isLeading()).length, SOON).toBe(1)
  })
})
