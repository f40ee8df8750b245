import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiOperations, exampleRequest } from '../stage/api-request.ts'
import { makeThings } from '../stage/made-things.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

const { operations, resolve } = await apiOperations()
const changes = operations.filter(({ isTagged, method }) => isTagged && method !== 'get')

/**
 * Changes without a precondition: they begin something new, send a command to a device, end an object without other
 * states, or go one way only. So they cannot overwrite a state that another person saw.
 */
const WITHOUT = [
  // Each opens or ends something new; a second revocation changes nothing.
  'access.open',
  'access.request',
  'access.revoke',
  'access.stop',
  'access.watch',
  // The hub checks the state of each, which only goes forward.
  'authority.cancel',
  'authority.import',
  'authority.retire',
  // It composes a command, and changes nothing.
  'build.benchCommand',
  'build.calibrateCommand',
  // A build never changes.
  'build.remove',
  // A campaign goes on by itself, so a caller has always seen an older state.
  'campaign.pause',
  'campaign.publish',
  'campaign.resume',
  'campaign.stop',
  // Labels and rows have no other states, and a capture is replaced as a whole.
  'capture.importLabels',
  'capture.label',
  'capture.remove',
  'capture.set',
  // A catalogue and an installation are replaced as a whole.
  'catalogue.add',
  'catalogue.create',
  'catalogue.refresh',
  'catalogue.remove',
  'catalogue.yank',
  // A token has no state that people change.
  'ddi.token',
  'deployment.plan',
  'device.ask',
  'device.infer',
  'expected.remove',
  // A source is replaced as a whole, and its newest commit decides about all else.
  'gitSource.pause',
  'gitSource.remove',
  'gitSource.resume',
  'gitSource.set',
  'gitSource.sync',
  'gitSource.webhook',
  'group.plan',
  'intrusion.dismiss',
  'intrusion.undo',
  'invitation.revoke',
  // A learning goes on by itself, so a caller has always seen an older state.
  'learning.cancel',
  'learning.cancelFleet',
  'learning.mark',
  'learning.undoFleet',
  'learning.unmark',
  'market.complete',
  'market.install',
  'market.plan',
  // A person replaces only the own opinion.
  'market.rate',
  'market.uninstall',
  'market.unrate',
  'model.compare',
  // A feed is replaced as a whole, and its place decides about all else.
  'modelFeed.pause',
  'modelFeed.remove',
  'modelFeed.resume',
  'modelFeed.set',
  'modelFeed.sync',
  // A monitor and a profile are replaced as a whole.
  'monitor.baseline',
  'monitor.mute',
  'monitor.release',
  'monitor.remove',
  'monitor.set',
  'monitor.unmute',
  'optimisation.cancel',
  'optimisation.plan',
  'optimisation.start',
  'organisation.disable',
  'organisation.enable',
  'organisation.invite',
  'organisation.remove',
  'organisation.setQuota',
  // A pair is made and ended as a whole, and a planned switch names its device.
  'pair.create',
  'pair.remove',
  'pair.switch',
  'placement.whatIf',
  'profile.collect',
  'profile.make',
  // It changes nothing.
  'settings.plan',
  'signingKey.retire',
  'signingKey.revoke',
  'sink.plan',
  'sink.test',
  'source.browse',
  'source.look',
  'source.plan',
  'source.read',
  'source.restart',
  'source.test',
  'source.watch',
  'source.write',
  // A submission has one decision, and the hub checks that it is pending.
  'submission.accept',
  'submission.comment',
  'submission.reject',
  'submission.withdraw',
  'survey.stop',
  // A result is never changed.
  'testReport.attach',
  'trust.sign',
  'user.endSession',
  // The parts of a version and an acceptance are replaced as a whole.
  'vulnerability.accept',
  'vulnerability.setParts',
  'vulnerability.withdraw',
]

let hub: TestHub
let things: Record<string, string>

beforeAll(async () => {
  hub = await startTestHub()
  const made = await hub.ask<{ key: { id: string } }>('POST', '/v1/keys', { body: { name: 'other', role: 'viewer' } })
  things = { ...(await makeThings(hub, made.body.key.id)), name: 'oslo' }
})
afterAll(() => hub[Symbol.asyncDispose]())

/** The name of an existing object for each path. */
const NAMES: Readonly<Record<string, string>> = {
  'deployment.apply': 'pumps',
  'source.set': 'press-7',
  'sink.set': 'press-7',
}

type Header = 'if-match' | 'if-none-match'

/** Calls the change of the existing object with this precondition. */
function change(
  operation: (typeof operations)[number],
  { header, tag, key }: { header: Header; tag: string; key: string },
) {
  const values = { ...things, name: NAMES[operation.name] ?? 'oslo' }
  const { method, path, body } = exampleRequest(operation, resolve, values)
  return hub.ask<{ code?: string }>(method, path, {
    key,
    body: bodyOf(operation.name, body),
    headers: { [header]: tag },
  })
}

/** The examples of the document name objects that do not exist here. */
function bodyOf(name: string, body: unknown): unknown {
  if (name === 'deployment.apply') return { deployable: 'pump' }
  if (name === 'group.set') return { spec: { selector: 'true' } }
  if (name === 'device.retry') return { deployment: 'pumps' }
  return name === 'model.setAlias' ? { version: '1' } : body
}

/** A key of its own, because the trail does not record more than 60 rejections a minute of one key. */
async function ownKey(operation: string): Promise<string> {
  const name = operation.toLowerCase().replaceAll('.', '-')
  const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name, role: 'owner' } })
  return body.secret
}

const tagOf = async (path: string) => String((await hub.ask('GET', path)).headers.etag)

const auditSize = async () => (await hub.ask<{ rows: unknown[] }>('GET', '/v1/audit?limit=500')).body.rows.length

test('every change of an object with its own path accepts a precondition', () => {
  const placed = operations.filter(
    ({ method, path, access }) => method !== 'get' && path.includes('{') && access !== 'public',
  )
  const without = placed.filter(({ isTagged }) => !isTagged).map(({ name }) => name)
  expect(without.toSorted()).toEqual(WITHOUT)
  for (const { codes, name } of changes)
    expect([name, codes]).toEqual([name, expect.arrayContaining(['revision_stale'])])
})

test.each(changes)('$name with a stale tag changes nothing', async (operation) => {
  const key = await ownKey(operation.name)
  const before = await auditSize()
  const answers = [
    await change(operation, { header: 'if-match', tag: '"of.yesterday"', key }),
    await change(operation, { header: 'if-none-match', tag: '*', key }),
  ]
  for (const answer of answers) expect(answer).toMatchObject({ status: 412, body: { code: 'revision_stale' } })
  expect(await auditSize(), 'both refusals are on record').toBe(before + 2)
})

test.each([
  ['/v1/sites/oslo', (path: string) => ['PUT', path, { kind: 'edge', labels: { a: 'b' } }]],
  ['/v1/devices/{device}', (path: string) => ['PUT', `${path}/labels`, { labels: { a: 'b' } }]],
  ['/v1/rollouts/{rollout}', (path: string) => ['POST', `${path}/abort`, { reason: 'bad' }]],
  ['/v1/deployments/pumps', (path: string) => ['PUT', path, { deployable: 'pump', selector: 'false' }]],
  ['/v1/models/pump', (path: string) => ['PUT', `${path}/aliases/next`, { version: '1' }, '*']],
] as const)('the tag of %s allows one change, and is stale after it', async (path, request) => {
  const place = path.replace('{device}', things.device ?? '').replace('{rollout}', things.rollout ?? '')
  const tag = await tagOf(place)
  expect(tag).toMatch(/^"[^"]+"$/)
  const [method, target, body] = request(place)
  const isNew = path === '/v1/models/pump'
  const ask = () =>
    hub.ask(method as string, target as string, {
      body,
      headers: isNew ? { 'if-none-match': '*' } : { 'if-match': tag },
    })
  const answer = await ask()
  expect(answer.status, answer.text).toBe(200)
  expect((await ask()).body).toMatchObject({ code: 'revision_stale' })
  expect(await tagOf(place)).not.toBe(tag)
})

test('* matches any existing object, and a weak tag matches nothing', async () => {
  const put = (site: string, tag: string) =>
    hub.ask('PUT', `/v1/sites/${site}`, { body: { kind: 'edge' }, headers: { 'if-match': tag } })
  const tag = await tagOf('/v1/sites/oslo')
  expect([(await put('oslo', `W/${tag}`)).status, (await put('atlantis', '*')).status]).toEqual([412, 412])
  expect([(await put('oslo', `"x", ${tag}`)).status, (await put('oslo', '*')).status]).toEqual([200, 200])
})

test('if several callers change the same state at once, one succeeds', async () => {
  const tag = await tagOf('/v1/sites/oslo')
  const put = (line: string) =>
    hub.ask('PUT', '/v1/sites/oslo', {
      body: { kind: 'edge', labels: { line } },
      headers: { 'if-match': tag },
    })
  const answers = await Promise.all(['a', 'b', 'c', 'd'].map(put))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412, 412, 412])
})
