/** What devices wrote down about themselves, as it comes over their links into the trail. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, type TestDevice } from '../stage/test-device.ts'
import { newTestJournal } from '../stage/test-journal.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

async function trailOf({ id }: TestDevice): Promise<AuditRecord[]> {
  const { body } = await hub.ask<{ rows: AuditRecord[] }>('GET', `/v1/audit?object=${id}&limit=500`)
  return body.rows.filter(({ action }) => action.startsWith('local.') || action === 'device.journalBroken')
}

const said = (records: AuditRecord[]) =>
  records.map(({ action, detail }) =>
    action === 'device.journalBroken'
      ? `broken at ${detail.sequence}`
      : Number((detail.entry as { sequence: number }).sequence),
  )

test('each entry is a record, once, in order, however often and in whatever pages it comes', async () => {
  const device = await joinDevice(hub)
  const journal = newTestJournal(device)
  using link = await openLink(hub, device)
  expect(await link.client.journal(journal.pageOf([]))).toEqual({})
  expect(await link.client.journal(journal.pageOf([1, 2]))).toMatchObject({ place: { sequence: 2 } })
  await Promise.all([journal.pageOf([1, 2, 3]), journal.pageOf([2, 3, 4])].map((page) => link.client.journal(page)))
  expect(await link.client.journal(journal.pageOf([]))).toMatchObject({ place: { sequence: 4 } })
  const records = await trailOf(device)
  expect(said(records)).toEqual([1, 2, 3, 4])
  expect(records[0]).toMatchObject({
    actor: { kind: 'device', id: device.id, name: device.name },
    action: 'local.agent-started',
    detail: { entry: { atMs: 1_000, detail: { at: 0 } }, publicKey: journal.publicKey },
  })
})

test('what is missing, changed, or begun anew is a record, before what came with it, and told once', async () => {
  const device = await joinDevice(hub)
  const journal = newTestJournal(device)
  using link = await openLink(hub, device)
  await link.client.journal(journal.pageOf([1, 2]))
  await link.client.journal(journal.pageOf([4]))
  await link.client.journal(journal.pageOf([4, 5]))
  const changed = journal.pageOf([6])
  await link.client.journal({ ...changed, entries: changed.entries.map((entry) => ({ ...entry, atMs: 1 })) })
  await link.client.journal(journal.pageOf([6, 7]))
  await link.client.journal(newTestJournal(device, 'f'.repeat(16)).pageOf([1]))
  expect(said(await trailOf(device))).toEqual([1, 2, 'broken at 4', 4, 5, 'broken at 6', 6, 7, 'broken at 1', 1])
})

test('no device writes with another key, about another device, or without an end', async () => {
  const device = await joinDevice(hub)
  const other = await joinDevice(hub)
  using link = await openLink(hub, device)
  const refusal = expect.objectContaining({ code: 'input_invalid' })
  await expect(link.client.journal(newTestJournal(other).pageOf([1]))).rejects.toEqual(refusal)
  await expect(link.client.journal({ ...newTestJournal(device).pageOf([1]), publicKey: 'none' })).rejects.toEqual(
    refusal,
  )
  // Its own key, and another's signature: it is taken as what it says, and named as what it is.
  const forged = newTestJournal(other).pageOf([1])
  await link.client.journal({ ...forged, publicKey: newTestJournal(device).publicKey })
  expect(said(await trailOf(device))).toEqual(['broken at 1', 1])
  expect(await trailOf(other)).toEqual([])
  const flood = newTestJournal(device, 'e'.repeat(16))
  const pages = Array.from({ length: 26 }, (_, page) => Array.from({ length: 100 }, (_none, at) => page * 100 + at + 1))
  const answers: string[] = []
  for (const page of pages) {
    answers.push(
      await link.client.journal(flood.pageOf(page)).then(
        () => 'ok',
        ({ code }) => code,
      ),
    )
  }
  expect(answers.slice(0, 20).every((answer) => answer === 'ok')).toBe(true)
  expect(answers.at(-1)).toBe('hub_unavailable')
})

test('a device that was removed takes with it how far its journal was, and leaves what it wrote', async () => {
  const device = await joinDevice(hub)
  {
    using link = await openLink(hub, device)
    await link.client.journal(newTestJournal(device).pageOf([1]))
  }
  await hub.ask('POST', `/v1/devices/${device.name}/revoke`, { body: { reason: 'gone' } })
  const removed = await hub.ask('DELETE', `/v1/devices/${device.name}`)
  expect(removed.status).toBeLessThan(300)
  const rows = await hub.hub.store.db.selectFrom('device_journals').select('device_id').execute()
  expect(rows.map(({ device_id }) => device_id)).not.toContain(device.id)
  expect(said(await trailOf(device))).toEqual([1])
})
