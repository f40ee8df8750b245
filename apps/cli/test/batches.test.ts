/** Batches, whole: a real hub and real agents, with three people's keys; and the example of docs/batches.md, word for word. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Batch } from '@skerry/contract/batches/batch'
import { BatchId } from '@skerry/contract/values/ids'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Fleet, type FleetAgent, insist, openSharedFleet, tellLogsOnFailure } from './stage/fleet.ts'
import { until } from './stage/service.ts'

let fleet: Fleet
let [one, away]: FleetAgent[] = []
let keys: { signer: string; sender: string }

beforeAll(async () => {
  fleet = await openSharedFleet(['--separate-batch-keys'])
  const { key } = fleet.hub.client
  const secretOf = async (name: string) => (await key.create({ name, role: 'owner' })).secret
  keys = { signer: await secretOf('signer'), sender: await secretOf('sender') }
  ;[one, , away] = [await fleet.join('gateway-1'), await fleet.join('gateway-2'), await fleet.join('gateway-3')]
})
beforeEach(() => tellLogsOnFailure(fleet))
afterAll(() => fleet?.[Symbol.asyncDispose]())

const keyFor = (verb: string | undefined) => (verb === 'sign' ? keys.signer : verb === 'send' ? keys.sender : undefined)

/** What people see; it must go well. */
async function skerry(...words: string[]): Promise<string> {
  const { code, out, err } = await fleet.cli(words, keyFor(words[1]))
  expect({ code, err }).toEqual({ code: 0, err: expect.any(String) })
  return out
}

const look = async (batch: string) => fleet.hub.client.batch.get({ batch: BatchId.parse(batch) })
const once = (batch: string, isSo: (batch: Batch) => boolean) =>
  until(`a state of ${batch}`, async () => {
    const seen = await insist(() => look(batch))
    return isSo(seen) ? seen : undefined
  })

/** Created by one, signed by a second, sent by a third. */
async function send(...words: string[]): Promise<string> {
  const { id } = JSON.parse(await skerry('batch', 'create', ...words, '--json')) as Batch
  await skerry('batch', 'sign', id)
  await skerry('batch', 'send', id)
  return id
}

const outputOf = async (batch: string, device: string) =>
  JSON.parse(await skerry('batch', 'report', batch, '--device', device))

/** The lines of the first example, as a shell would split them. */
async function exampleLines(): Promise<string[][]> {
  const page = await readFile(join(import.meta.dirname, '../../../docs/batches.md'), 'utf8')
  const [, block = ''] = /```\n(skerry batch[\s\S]*?)```/.exec(page) ?? []
  const wordsOf = (line: string) =>
    [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')
  return block.trim().split('\n').map(wordsOf)
}

test('the example does what it says; a device that was off is told when it is back', async () => {
  await away?.end('SIGTERM')
  const lines = await exampleLines()
  expect(lines.map(([, , verb]) => verb)).toEqual(['create', 'create', 'sign', 'send', 'show', 'report', 'report'])
  let batch = ''
  for (const [, ...words] of lines) {
    if (words[1] === 'show') {
      await once(batch, ({ counts }) => counts.succeeded === 2 && counts.waiting === 1)
      await away?.start()
    }
    const out = await skerry(...words.map((word) => (word === 'BATCH' ? batch : word)))
    if (words.includes('--dry-run')) {
      expect(out).toContain('3 devices')
      expect(await fleet.hub.client.batch.list({})).toEqual({ rows: [] })
    } else if (words[1] === 'create') {
      batch = /bat_[a-z2-7]+/.exec(out)?.[0] ?? ''
      const refused = await fleet.cli(['batch', 'sign', batch])
      expect(refused).toMatchObject({ code: expect.any(Number), err: expect.stringContaining('batch_key_refused') })
    }
  }
  expect(await look(batch)).toMatchObject({
    status: 'ended',
    counts: { succeeded: 3 },
    created: { name: 'owner' },
    signed: { name: 'signer' },
    sent: { name: 'sender' },
  })
})

test('a reboot is another process of the same agent, and says so', async () => {
  const batch = await send('reboot-agent', '--to', 'device.name == "gateway-1"')
  await once(batch, ({ status }) => status === 'ended')
  const { bootIdBefore, bootId } = await outputOf(batch, 'gateway-1')
  expect(bootIdBefore).not.toBe(bootId)
  expect(one?.isRunning()).toBe(true)
  expect(one?.lines().filter(({ event }) => event === 'agent_started')).toHaveLength(2)
})

test(
  'what is set is in force at once, and after a restart',
  deep('a restart, to see that it is kept; the test of four commands shows how each is done'),
  async () => {
    const set = await send('set-configuration', '--to', 'device.name == "gateway-1"', '--set', 'log-level=debug')
    await once(set, ({ status }) => status === 'ended')
    expect(await outputOf(set, 'gateway-1')).toEqual({ logLevel: 'debug' })
    await one?.end('SIGTERM')
    await one?.start()
    const asked = await send('run-diagnostics', '--to', 'device.name == "gateway-1"')
    await once(asked, ({ status }) => status === 'ended')
    const { configuration, checks } = await outputOf(asked, 'gateway-1')
    expect(configuration).toEqual({ logLevel: 'debug' })
    expect((checks as { ok: boolean }[]).map(({ ok }) => ok)).toEqual([true, true, true, true])
  },
)

test('certificate, garbage, inventory and labels: each is done, and says what it did', async () => {
  const before = (await fleet.device('gateway-2')).certificate?.serial
  const to = ['--to', 'device.name == "gateway-2"']
  const renewed = await send('renew-certificate', ...to)
  const collected = await send('collect-garbage', ...to)
  const looked = await send('refresh-inventory', ...to)
  const relabelled = await send('relabel', ...to, '--label', 'line=4')
  for (const batch of [renewed, collected, looked, relabelled])
    expect(await once(batch, ({ status }) => status === 'ended')).toMatchObject({ counts: { succeeded: 1 } })
  const device = await fleet.device('gateway-2')
  expect(device.certificate?.serial).not.toBe(before)
  expect(device.labels).toEqual({ line: '4' })
  expect(await outputOf(collected, 'gateway-2')).toEqual({ files: 0, bytes: 0 })
  expect(await outputOf(looked, 'gateway-2')).toMatchObject({ hostname: device.inventory?.hostname })
})

test('what is cancelled before its start is told to nobody', async () => {
  const start = new Date(Date.now() + 7_200_000).toISOString()
  const batch = await send('reboot-agent', '--to', 'true', '--start', start)
  expect(await look(batch)).toMatchObject({ status: 'scheduled' })
  await skerry('batch', 'cancel', batch, '--reason', 'not tonight', '--yes')
  expect(await look(batch)).toMatchObject({ status: 'cancelled', counts: { cancelled: 3 } })
})

test(
  'a hub and an agent that are killed in the middle do each job once',
  deep('kills; apps/hub/test/operate/batches tells a device again until it has answered'),
  async () => {
    const batch = await send('collect-logs', '--to', 'true', '--rate', '60')
    await once(batch, ({ counts }) => counts.succeeded >= 1)
    await Promise.all([fleet.hub.end('SIGKILL'), away?.end('SIGKILL')])
    await Promise.all([fleet.hub.start(), away?.start()])
    expect(await once(batch, ({ status }) => status === 'ended')).toMatchObject({ counts: { succeeded: 3 } })
    const begun = fleet.agents.map((agent) =>
      agent.lines().filter((line) => line.event === 'job_begun' && line.batch === batch),
    )
    for (const lines of begun) expect(lines.length).toBeLessThanOrEqual(1)
  },
)
