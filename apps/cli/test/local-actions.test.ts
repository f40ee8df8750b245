/**
 * Local actions on a device while it is offline, and their way into the audit trail afterwards. The test uses a real
 * hub and agent, kills, and a person at the disk.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { deep, strict } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { type Fleet, type FleetAgent, openFleet } from './stage/fleet.ts'
import { until } from './stage/service.ts'

async function trail(fleet: Fleet): Promise<AuditRecord[]> {
  const { out } = await fleet.cli(['audit', 'ls', '--oldest-first', '--limit', '10000', '--json'])
  return JSON.parse(out)
}

type Local = { journal: string; sequence: number; atMs: number; action: string; detail: Record<string, unknown> }
const entryOf = ({ detail }: AuditRecord) => detail.entry as unknown as Local
const localOf = (records: AuditRecord[]) => records.filter(({ action }) => action.startsWith('local.')).map(entryOf)
const brokenOf = (records: AuditRecord[]) => records.filter(({ action }) => action === 'device.journalBroken')

/** Waits until the trail contains the expected records. */
const told = (fleet: Fleet, predicate: (entries: Local[], records: AuditRecord[]) => boolean) =>
  until('what the trail should say', async () => {
    const records = await trail(fleet)
    return predicate(localOf(records), records) ? records : undefined
  })

const expectChained = (entries: Local[]) =>
  expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, at) => at + 1))

test(
  'the actions of an offline device reach the trail once, with their own time, and verify without a hub',
  strict('what a device wrote down is never lost'),
  async () => {
    await using fleet = await openFleet()
    const agent = await fleet.join('gateway-1')
    await told(fleet, (entries) => entries.some(({ action }) => action === 'agent-started'))
    await fleet.hub.end('SIGTERM')
    const aloneMs = Date.now()
    await agent.end('SIGTERM')
    await agent.start()
    await writeFile(join(agent.data, 'locks', 'maintenance'), '')
    await agent.logged('condition_raised', ({ code }) => code === 'update_locked')
    await agent.end('SIGKILL')
    await agent.start()
    const backMs = Date.now()
    await fleet.hub.start()
    const isBack = (entries: Local[]) => entries.filter(({ action }) => action === 'agent-started').length === 3
    const entries = localOf(await told(fleet, isBack))
    expectChained(entries)
    const alone = entries.filter(({ atMs }) => atMs >= aloneMs && atMs <= backMs)
    expect(alone.map(({ action, detail }) => [action, detail.before ?? detail.code ?? detail.how])).toEqual(
      expect.arrayContaining([
        ['agent-stopped', '0'],
        ['agent-started', 'stopped on request'],
        ['condition-raised', 'update_locked'],
        ['agent-started', 'cut off'],
      ]),
    )
    expect(brokenOf(await trail(fleet))).toEqual([])
    expect((await fleet.cli(['audit', 'ls', '--action', 'local.*'])).out).toMatch(/the agent of \S+ started at 20/)
    expect((await fleet.cli(['audit', 'verify'])).code).toBe(0)

    // An operator of the hub cannot forge records of the device, even with correct hashes.
    const exported = (await fleet.cli(['audit', 'export'])).out.split('\n').filter(Boolean)
    const at = exported.findIndex((line) => line.includes('"local.agent-stopped"'))
    const forged = exported.with(at, String(exported[at]).replace('"how":"0"', '"how":"1"'))
    const path = join(fleet.folder, 'audit.jsonl')
    await writeFile(path, `${forged.join('\n')}\n`)
    const verdict = await fleet.cli(['audit', 'verify', path])
    expect(verdict.code).not.toBe(0)
  },
)

test(
  'a device that is killed at random neither loses nor repeats an entry of its journal',
  deep('eight kills at random; the test above kills once'),
  async () => {
    await using fleet = await openFleet()
    const agent = await fleet.join('gateway-1')
    for (let kill = 0; kill < 8; kill++) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_200))
      await agent.end('SIGKILL')
      await agent.start()
    }
    const records = await told(fleet, (all) => all.filter(({ action }) => action === 'agent-started').length >= 9)
    const entries = localOf(records)
    expectChained(entries)
    expect(entries.filter(({ action }) => action === 'agent-started')).toHaveLength(9)
    expect(brokenOf(records)).toEqual([])
    expect((await fleet.cli(['audit', 'verify'])).code).toBe(0)
  },
)

test(
  'a journal entry that somebody deletes on the disk is noticed, located and reported as a finding',
  deep('three starts; apps/hub/test/operate/intrusion.test.ts meets the same finding'),
  async () => {
    await using fleet = await openFleet()
    const agent = (await fleet.join('gateway-1')) as FleetAgent
    const before = await told(fleet, (entries) => entries.length > 0)
    await fleet.hub.end('SIGTERM')
    await agent.end('SIGTERM')
    await agent.start()
    await agent.end('SIGTERM')
    const lost = localOf(before).length + 2
    {
      using database = new DatabaseSync(join(agent.data, 'agent.sqlite'))
      database.exec(`DELETE FROM journal WHERE sequence = ${lost}`)
    }
    await fleet.hub.start()
    await agent.start()
    const records = await told(fleet, (_, all) => brokenOf(all).length > 0)
    expect(brokenOf(records)).toMatchObject([
      { detail: { name: 'gateway-1', sequence: lost + 1, problem: `entries ${lost} to ${lost} are missing` } },
    ])
    const finding = await until('the finding', async () => {
      const { rows } = await fleet.hub.client.intrusion.list({})
      return rows.find(({ rule }) => rule === 'journal_broken')
    })
    expect(finding).toMatchObject({ subject: { kind: 'device', name: 'gateway-1' }, status: 'open' })
    // The hub has reported the break, and the records after it verify.
    expect((await fleet.cli(['audit', 'verify'])).code).toBe(0)
  },
)
