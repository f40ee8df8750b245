/**
 * The two-person rule: one person alone cannot make a protected change. The hub executes exactly the approved call,
 * once.
 */

import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { asBrowser, newPerson } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice } from '../stage/test-device.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

let hub: TestHub
let nowMs = Date.now()
type Body = { code?: string; message?: string; status?: string; rows?: Record<string, unknown>[] } & Record<
  string,
  unknown
>
type Ask = (method: string, path: string, body?: unknown) => Promise<{ status: number; text: string; body: Body }>
let ann: Ask
let bob: Ask
let sue: Ask

beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  await joinDevice(hub, { site: 'plant' })
  await joinDevice(hub, { site: 'lab' })
  await push(hub, 'pump', modelBytes(unary('Relu')))
  await push(hub, 'valve', modelBytes(unary('Sigmoid')))
  const person = async (name: string, role: string) =>
    asBrowser(hub, await newPerson(hub, `${name}@example.com`, role)) as Ask
  ann = await person('ann', 'owner')
  bob = await person('bob', 'owner')
  sue = await person('sue', 'supervisor')
})
afterAll(() => hub[Symbol.asyncDispose]())
beforeEach(() => rules({ deployments: 'site.name == "plant"', batches: true, roles: true }))

async function rules(body: object) {
  const set = await hub.ask('PUT', '/v1/approval-rules', { body })
  expect(set.status, set.text).toBe(200)
}

/** The request that the error names. */
function heldBy({ status, body, text }: Awaited<ReturnType<Ask>>): string {
  expect({ status, code: body.code }, text).toEqual({ status: 409, code: 'approval_needed' })
  return /^apr_[a-z2-7]+/.exec(String(body.message))?.[0] ?? ''
}

const approve = (who: Ask, id: string) => who('POST', `/v1/approvals/${id}/approve`, { reason: 'agreed' })
const deny = (who: Ask, id: string) => who('POST', `/v1/approvals/${id}/deny`, { reason: 'not now' })
const newest = async () =>
  (await ann('GET', '/v1/audit?limit=5&newestFirst=true')).body.rows as { action: string; detail: Body }[]

test('a deployment to production waits, is approved by another person, and is executed once, as requested', async () => {
  const wish = { deployable: 'pump', selector: 'site.name == "plant"' }
  const apply = (spec: object) => ann('PUT', '/v1/deployments/pumps', spec)
  const id = heldBy(await apply(wish))
  expect((await ann('GET', '/v1/deployments')).body.rows).toEqual([])
  expect(heldBy(await apply(wish)), 'the same again is the same request').toBe(id)
  expect((await approve(ann, id)).body).toMatchObject({ code: 'approval_refused' })
  expect((await ann('GET', `/v1/approvals/${id}`)).body.refusal).toMatch(/another person has to/)
  expect((await sue('GET', `/v1/approvals/${id}`)).body.refusal).toBeUndefined()
  expect((await sue('GET', '/v1/approvals?status=pending')).body.rows).toMatchObject([
    { id, action: 'deployment.apply', object: 'pumps', input: wish, asked: { name: 'ann' } },
  ])
  expect((await approve(sue, id)).body).toMatchObject({ status: 'approved', answered: { name: 'sue' } })
  expect(heldBy(await apply({ ...wish, version: '1' })), 'another wish is another request').not.toBe(id)
  const done = await apply(wish)
  expect(done.status, done.text).toBe(200)
  expect(await newest()).toMatchObject([
    { action: 'deployment.apply', detail: { approval: id, approvedBy: 'sue' } },
    {},
    {},
    {},
    {},
  ])
  expect((await ann('GET', `/v1/approvals/${id}`)).body).toMatchObject({ status: 'used' })
  expect((await apply(wish)).body).toMatchObject({ change: 'unchanged' })
  expect((await approve(sue, id)).body).toMatchObject({ code: 'approval_closed' })
  const narrower = { ...wish, selector: 'site.name == "lab"' }
  expect((await apply(narrower)).body.code, 'nobody is asked for what nobody has seen').toBe('leaves_unacknowledged')
  const { body } = await ann('POST', '/v1/deployments/pumps/plan', narrower)
  const { digest: acknowledgedLeaves } = body.leaves as { digest: string }
  heldBy(await ann('PUT', '/v1/deployments/pumps', { ...narrower, acknowledgedLeaves }))
  heldBy(await ann('DELETE', '/v1/deployments/pumps'))
})

test('a change outside production and a change that stops harm need no approval', async () => {
  const lab = await ann('PUT', '/v1/deployments/valves', { deployable: 'valve', selector: 'site.name == "lab"' })
  expect(lab.status, lab.text).toBe(200)
  const [{ id }] = (await ann('GET', '/v1/rollouts?deployment=pumps')).body.rows as [{ id: string }]
  expect((await ann('POST', `/v1/rollouts/${id}/pause`, { reason: 'look' })).status).toBe(200)
})

test('neither the sender nor the author of a batch can approve it', async () => {
  const wish = { command: { kind: 'run-diagnostics' }, selector: 'true' }
  const { body } = await bob('POST', '/v1/batches', wish)
  expect((await ann('POST', `/v1/batches/${body.id}/sign`, {})).status).toBe(200)
  const send = () => ann('POST', `/v1/batches/${body.id}/send`, {})
  const id = heldBy(await send())
  for (const who of [ann, bob]) expect((await approve(who, id)).body).toMatchObject({ code: 'approval_refused' })
  expect((await approve(sue, id)).status).toBe(200)
  expect((await send()).status).toBe(200)
})

test('roles and keys need two people, only the requester receives the secret, and a supervisor cannot be the second', async () => {
  const wish = { name: 'robot', role: 'editor' }
  const id = heldBy(await ann('POST', '/v1/keys', wish))
  expect((await sue('GET', `/v1/approvals/${id}`)).body.refusal).toBe(
    'to approve this, you also need the permission key.write',
  )
  expect((await approve(sue, id)).body).toMatchObject({ code: 'approval_refused' })
  const approved = await approve(bob, id)
  expect(approved.text).not.toContain('sk_')
  expect((await ann('POST', '/v1/keys', wish)).body.secret).toMatch(/^sk_/)
  heldBy(await ann('POST', '/v1/invitations', { role: 'viewer' }))
  heldBy(await ann('POST', '/v1/roles', { name: 'own', permissions: ['fleet.read'] }))
})

test('a key cannot approve the request of its own person', async () => {
  await rules({})
  const { secret } = (await ann('POST', '/v1/keys', { name: 'ann-key', role: 'owner' })).body as { secret: string }
  await rules({ roles: true })
  const id = heldBy(await ann('POST', '/v1/keys', { name: 'more', role: 'viewer' }))
  const byKey = await hub.ask<Body>('POST', `/v1/approvals/${id}/approve`, { key: secret, body: { reason: 'me' } })
  expect(byKey.body).toMatchObject({ code: 'approval_refused' })
})

test('a request can be denied or withdrawn, or expires; an impossible change never waits', async () => {
  const wish = (name: string) => ann('POST', '/v1/keys', { name, role: 'viewer' })
  const denied = heldBy(await wish('d'))
  expect((await deny(bob, denied)).body).toMatchObject({ status: 'denied' })
  expect(heldBy(await wish('d')), 'asked anew').not.toBe(denied)
  expect((await deny(ann, heldBy(await wish('e')))).status).toBe(200)
  const late = heldBy(await wish('f'))
  expect((await approve(bob, late)).status).toBe(200)
  nowMs += 24 * 3_600_000
  await signInAgain()
  expect((await ann('GET', `/v1/approvals/${late}`)).body).toMatchObject({ status: 'expired' })
  expect(heldBy(await wish('f'))).not.toBe(late)
  expect((await approve(bob, late)).body).toMatchObject({ code: 'approval_closed' })
  expect((await ann('POST', '/v1/keys', { name: 'g', role: 'nobody' })).body).toMatchObject({ code: 'role_unknown' })
  expect((await ann('PUT', '/v1/deployments/x', { deployable: 'none' })).body).toMatchObject({ code: 'model_unknown' })
})

test('an approval counts once, however many people approve at the same time', async () => {
  const wish = () => ann('POST', '/v1/invitations', { role: 'viewer', usesMax: 2 })
  await approve(bob, heldBy(await wish()))
  const statuses = (await Promise.all([wish(), wish(), wish()])).map(({ status }) => status)
  expect(statuses.toSorted()).toEqual([200, 409, 409])
})

test('switching the rule off is on record and an alert, until it is on again', async () => {
  const alerts = async () => JSON.stringify((await ann('GET', '/v1/alerts')).body)
  await ann('PUT', '/v1/approval-rules', { roles: true })
  const { rows } = (await ann('GET', '/v1/audit?limit=1&newestFirst=true&action=approval.setRules')).body
  expect(rows).toMatchObject([{ detail: { switchedOff: ['deployments', 'batches'] } }])
  expect(await alerts()).toContain('ann switched off')
  await rules({ deployments: 'site.name == "plant"', batches: true, roles: true })
  expect(await alerts()).not.toContain('approvals_off')
  expect((await sue('PUT', '/v1/approval-rules', {})).body).toMatchObject({ code: 'permission_denied' })
})

async function signInAgain() {
  const { signIn, cookieOf } = await import('../stage/person.ts')
  const again = async (name: string) => asBrowser(hub, cookieOf(await signIn(hub, `${name}@example.com`))) as Ask
  ;[ann, bob, sue] = [await again('ann'), await again('bob'), await again('sue')]
}

test('a change of labels that touches production waits like a deployment to production', async () => {
  await rules({ deployments: 'device.labels.stage == "production" || site.labels.stage == "production"' })
  const gateway = (await joinDevice(hub, { site: 'hall' })).name
  const relabel = (labels: object, who = ann) => who('PUT', `/v1/devices/${gateway}/labels`, { labels })
  expect((await relabel({ line: '4' })).status).toBe(200)
  const into = heldBy(await relabel({ line: '4', stage: 'production' }))
  expect((await approve(sue, into)).status).toBe(200)
  expect((await relabel({ line: '4', stage: 'production' })).status).toBe(200)
  heldBy(await relabel({ line: '5', stage: 'production' }))
  const out = heldBy(await relabel({ line: '4' }))
  expect((await deny(sue, out)).status).toBe(200)
  expect((await ann('GET', `/v1/devices/${gateway}`)).body.labels).toEqual({ line: '4', stage: 'production' })
})

test('a site with production devices, before or after the change, is changed by two people', async () => {
  await rules({ deployments: 'site.labels.stage == "production"' })
  await joinDevice(hub, { site: 'foundry' })
  const describe = (body: object) => ann('PUT', '/v1/sites/foundry', { kind: 'edge', ...body })
  expect((await describe({ labels: { line: '1' } })).status).toBe(200)
  expect((await describe({ labels: { stage: 'production' }, dryRun: true })).body).toMatchObject({ change: 'updated' })
  const id = heldBy(await describe({ labels: { stage: 'production' } }))
  expect((await approve(sue, id)).status).toBe(200)
  expect((await describe({ labels: { stage: 'production' } })).status).toBe(200)
  heldBy(await describe({}))
  // A site without devices affects nobody.
  expect((await ann('PUT', '/v1/sites/empty', { kind: 'edge', labels: { stage: 'production' } })).status).toBe(200)
})

test('a large source is approved by its content, not by its name', async () => {
  const source = (tags: number, value: number) => ({
    name: `line-${tags}`,
    protocol: 'simulator',
    groups: [
      {
        name: 'all',
        everyMs: 1_000,
        tags: Array.from({ length: tags }, (_, at) => ({ name: `t${at}`, signal: { kind: 'constant', value } })),
      },
    ],
  })
  // One source has over 256 KiB. The other has over 5,000 values, but is short enough to be shown to a person.
  for (const [tags, shown] of [
    [6_000, expect.stringMatching(/^sha256:/)],
    [1_100, source(1_100, 1)],
  ] as const) {
    const set = (value: number) =>
      ann('PUT', `/v1/sources/line-${tags}`, { scope: 'site:plant', spec: source(tags, value) })
    const id = heldBy(await set(1))
    expect((await bob('GET', `/v1/approvals/${id}`)).body.input).toMatchObject({ scope: 'site:plant', spec: shown })
    expect((await approve(bob, id)).status).toBe(200)
    expect(heldBy(await set(2)), 'another content is another request').not.toBe(id)
    expect((await set(1)).body, 'as it was approved').toMatchObject({ change: 'created', connection: { tags } })
    heldBy(await set(1.5))
  }
})

test('terminals of chosen devices need a moderator, also under a grant that is older than the rule', async () => {
  const { rows = [] } = (await ann('GET', '/v1/devices?limit=10')).body
  const [name = ''] = rows.filter(({ site }) => site === 'plant').map((row) => String(row.name))
  const request = (spec: object) => ann('POST', `/v1/devices/${name}/access-grants`, { reason: 'a test', ...spec })
  const open = (wish: object) => ann('POST', `/v1/devices/${name}/access-sessions`, { wish })
  expect((await request({ kinds: ['shell', 'logs'] })).status).toBe(200)
  await rules({ moderated: 'site.name == "plant"' })
  // An older program does not know the rule, and leaves it as it is.
  await rules({})
  expect((await request({ kinds: ['shell'] })).body).toMatchObject({ code: 'moderation_needed' })
  expect((await open({ kind: 'shell' })).body).toMatchObject({ code: 'moderation_needed' })
  expect((await open({ kind: 'logs' })).status).toBe(200)
  expect((await request({ kinds: ['shell'], isModerated: true })).status).toBe(200)
  expect((await open({ kind: 'shell' })).body).toMatchObject({ session: { isModerated: true } })
  expect((await ann('PUT', '/v1/approval-rules', { moderated: 'site.name ==' })).body.code).toBe('selector_invalid')
  // A fact comes from the device itself.
  expect((await ann('PUT', '/v1/approval-rules', { moderated: 'device.facts.zone == "a"' })).body.code).toBe(
    'selector_invalid',
  )
  await rules({ moderated: 'site.name == "lab"' })
  expect((await newest())[0]).toMatchObject({ action: 'approval.setRules', detail: { switchedOff: ['moderated'] } })
  expect((await request({ kinds: ['shell'] })).status).toBe(200)
  await rules({ moderated: false })
  expect((await ann('GET', '/v1/approval-rules')).body.moderated).toBeUndefined()
})
