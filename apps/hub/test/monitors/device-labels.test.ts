/** The labels that a device fetches of its own rows: their order, their number in the captures document, and their readers. */
import type { DeviceLabels } from '@skerry/contract/captures/device-labels'
import type { CapturesDocument } from '@skerry/contract/held/captures'
import { fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { saveLabels } from '../../src/captures/label-store.ts'
import { type AskedDevice, connected, put } from '../stage/asked-device.ts'
import { runModel } from '../stage/fleet/runs-model.ts'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, listenHeld, type TestDevice } from '../stage/test-device.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

let hub: TestHub
let device: AskedDevice
beforeAll(async () => {
  hub = await startTestHub()
  await push(hub, 'grader', modelBytes(unary('Abs')))
  const rules = { sample: 1, purpose: 'improve the grader', redact: ['x[0:1]'] }
  expect((await hub.ask('PUT', '/v1/captures/grader', { body: { rules } })).status).toBe(200)
  device = await connected(hub, ['read-captures'])
})
afterAll(async () => {
  device?.[Symbol.dispose]()
  await hub?.[Symbol.asyncDispose]()
})

/** Labels rows of the device as a person does. */
async function label(labels: Record<string, string>): Promise<void> {
  const body = { labels: Object.entries(labels).map(([request, text]) => ({ request, label: text })) }
  const posted = hub.ask('POST', `/v1/devices/${device.name}/captures/grader/labels`, { body })
  const command = await device.asked()
  const about = { place: 1, version: 1, reason: 'sample', predicted: '1', redacted: [] }
  const rows = Object.keys(labels).map((request) => ({ ...about, request, atMs: 1_000 }))
  await put(hub, device, command.id, Buffer.from(JSON.stringify(rows)))
  await device.link.client.answer({ id: command.id, kind: 'read-captures', heldCount: 1, droppedCount: 0 })
  expect((await posted).status).toBe(200)
}

const organisation = async () =>
  (await hub.hub.store.db.selectFrom('captures').select('organisation_id').executeTakeFirstOrThrow()).organisation_id

const fetchLabels = (after: string, certificate?: TestDevice, key: string | null = null) =>
  hub.ask<DeviceLabels & { code?: string }>('GET', `/v1/device-labels${after}`, {
    key,
    ...(certificate && { certificate }),
  })

const pageOf = async (after: number, certificate: TestDevice = device) =>
  (await fetchLabels(`?after=${after}`, certificate)).body

test('a device gets the labels of its rows by their numbers, and a label that is given again comes again', async () => {
  await label({ a: 'ok', b: '1.0' })
  const { labels, isCut } = await pageOf(0)
  const about = { model: 'grader', atMs: 1_000 }
  expect(labels.map(({ sequence: _, ...rest }) => rest)).toEqual([
    { ...about, request: 'a', label: 'ok' },
    { ...about, request: 'b', label: '1' },
  ])
  expect(isCut).toBe(false)
  const last = labels.at(-1)?.sequence ?? 0
  expect((await pageOf(last)).labels).toEqual([])
  await label({ a: 'worn' })
  expect((await pageOf(last)).labels).toEqual([{ ...about, request: 'a', label: 'worn', sequence: last + 1 }])
  expect((await pageOf(0)).labels.map(({ request }) => request)).toEqual(['b', 'a'])
})

test('labels of one time are in one order, page by page, and none is lost or comes twice', async () => {
  const nowMs = hub.hub.clock.nowMs()
  const organisationId = await organisation()
  const row = (at: number) => ({
    organisation_id: organisationId,
    model: 'grader',
    request: `many-${at}`,
    device_id: device.id,
    version: 1,
    at_ms: 1_000,
    predicted: '1',
    label: '1',
    error: null,
    subject_key: null,
    labelled_at_ms: nowMs,
    labelled_by: 'a test',
  })
  const { labels: before } = await pageOf(0)
  const rows = Array.from({ length: 1_203 }, (_, at) => row(at))
  await hub.hub.store.transaction((tx) => saveLabels(tx, rows))
  const found: string[] = []
  let after = before.at(-1)?.sequence ?? 0
  const sizes: number[] = []
  for (let isCut = true; isCut; ) {
    const page = await pageOf(after)
    found.push(...page.labels.map(({ request }) => request))
    sizes.push(page.labels.length)
    after = page.labels.at(-1)?.sequence ?? after
    isCut = page.isCut
  }
  expect(sizes).toEqual([500, 500, 203])
  expect(found).toEqual(rows.map(({ request }) => request))
})

test('no other device, no key and no stranger reads the labels of a device', async () => {
  const neighbour = await joinDevice(hub)
  expect((await fetchLabels('?after=0', neighbour)).body).toEqual({ labels: [], isCut: false })
  const key = await otherOrganisation(hub, 'others')
  const foreign = await joinDevice(hub, { key, site: 'paris' })
  expect((await fetchLabels('?after=0', foreign)).body).toEqual({ labels: [], isCut: false })
  // A key names no device, also that of the owner.
  for (const one of [null, key]) expect((await fetchLabels('?after=0', undefined, one)).status).toBe(401)
  for (const wrong of ['', '?after=', '?after=-1', '?after=1e3', '?after=1&after=2', '?after=9999999999999999'])
    expect((await fetchLabels(wrong, device)).body.code, wrong).toBe('input_invalid')
})

const heldOf = (more: object = {}) => ({ revision: fakeDigest(1), erased: 0, boxes: true, ...more })

const documentIn = ({ value }: { value?: unknown }) => value as CapturesDocument

test('the document names the newest label to a device that fetches labels, and a new label makes a new document', async () => {
  const stream = await listenHeld(device.link.client, 'captures', heldOf({ labels: 0 }))
  const first = documentIn(await stream.next())
  const last = (await pageOf(1_200)).labels.at(-1)?.sequence ?? 0
  expect(first.labels).toBe(last)
  await device.link.client.held({
    name: 'captures',
    held: heldOf({ revision: first.revision, erased: first.erased, labels: last }),
  })
  await label({ a: 'ok' })
  expect(documentIn(await stream.next())).toMatchObject({ revision: first.revision, labels: last + 1 })
})

test('a device that fetches no labels gets no number', async () => {
  using other = await connected(hub, ['read-captures'])
  const stream = await listenHeld(other.link.client, 'captures', heldOf())
  expect(documentIn(await stream.next()).labels).toBeUndefined()
})

test('a device that redacts boxes keeps the rule with boxes when another document follows', async () => {
  using other = await connected(hub, ['read-captures'])
  await runModel(hub.hub, [other], { organisationId: await organisation(), name: 'grader', version: 1 })
  const stream = await listenHeld(other.link.client, 'captures', heldOf())
  expect(documentIn(await stream.next()).captures).toMatchObject([{ model: 'grader', redact: ['x[0:1]'] }])
  const rules = { sample: 0.5, purpose: 'improve the grader', redact: ['x[0:1]'] }
  expect((await hub.ask('PUT', '/v1/captures/grader', { body: { rules } })).status).toBe(200)
  expect(documentIn(await stream.next()).captures).toMatchObject([{ sample: 0.5, redact: ['x[0:1]'] }])
})

test('the number of an erased label is not given again', async () => {
  const newest = async () => (await pageOf(0)).labels.length
  await hub.hub.store.transaction((tx) => tx.deleteFrom('capture_labels').execute())
  expect(await newest()).toBe(0)
  const { labelled } = await hub.hub.store.db.selectFrom('capture_salts').select('labelled').executeTakeFirstOrThrow()
  await label({ late: 'ok' })
  expect((await pageOf(0)).labels).toMatchObject([{ request: 'late', sequence: Number(labelled) + 1 }])
})
