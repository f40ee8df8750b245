/** Made things: one object of each noun in the default organisation, for tests that call all procedures. */
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { expect } from 'vitest'
import { detectIntrusions } from '../../src/intrusion/detection.ts'
import { newPerson } from './person.ts'
import type { TestHub } from './running-hub.ts'
import { joinDevice, makeToken } from './test-device.ts'
import { goldenOf, modelBytes, push, unary } from './test-model.ts'

/** Returns them by the names of path parameters; the caller has created the key. */
export async function makeThings(hub: TestHub, key: string): Promise<Record<string, string>> {
  const device = await joinDevice(hub, { site: 'oslo' })
  const token = await makeToken(hub, { site: 'oslo' })
  await push(hub, 'pump', modelBytes(unary('Relu')), { golden: goldenOf(1), aliases: ['best'] })
  const digest = `sha256:${'5'.repeat(64)}`
  const upload = await hub.ask<{ id: string }>('POST', '/v1/uploads', { body: { digest, sizeBytes: 5 } })
  const applied = await hub.ask<{ deployment: { rolloutId: string } }>('PUT', '/v1/deployments/pumps', {
    body: { deployable: 'pump' },
  })
  expect(applied.status, applied.text).toBe(200)
  const spec = { command: { kind: 'run-diagnostics' }, selector: 'true' }
  const batch = await hub.ask<{ id: string }>('POST', '/v1/batches', { body: spec })
  expect(batch.status, batch.text).toBe(200)
  const secret = await hub.ask<{ id: string }>('POST', '/v1/secrets', { body: { name: 'plc', value: 'cGxj' } })
  expect(secret.status, secret.text).toBe(200)
  const source = await hub.ask<{ connection: { id: string } }>('PUT', '/v1/sources/press-7', {
    body: { name: 'press-7', spec: simulatorSource('press-7') },
  })
  expect(source.status, source.text).toBe(200)
  const sink = await hub.ask('PUT', '/v1/sinks/press-7', {
    body: { spec: { name: 'press-7', protocol: 'webhook', connection: { url: 'https://plant.example/values' } } },
  })
  expect(sink.status, sink.text).toBe(200)
  const route = await hub.ask('PUT', '/v1/routes/oslo', { body: { spec: { model: 'pump' } } })
  expect(route.status, route.text).toBe(200)
  const group = await hub.ask('PUT', '/v1/groups/pumps', { body: { spec: { selector: 'true' } } })
  expect(group.status, group.text).toBe(200)
  const settings = await hub.ask('PUT', '/v1/settings/site:oslo', { body: { spec: { logLevel: 'info' } } })
  expect(settings.status, settings.text).toBe(200)
  const advisory = { id: 'CVE-2026-1', modified: '2026-01-01T00:00:00Z' }
  const imported = await hub.ask('POST', '/v1/vulnerabilities', { body: { advisories: [advisory] } })
  expect(imported.status, imported.text).toBe(200)
  const expected = await hub.ask<{ devices: { id: string }[] }>('POST', '/v1/expected-devices', {
    body: { devices: [{ serial: 'SN-1', site: 'oslo' }] },
  })
  const role = await hub.ask('POST', '/v1/roles', { body: { name: 'loader', permissions: ['model.write'] } })
  expect(role.status, role.text).toBe(200)
  const approval = await makeApproval(hub)
  const invitation = await hub.ask<{ invitation: { id: string } }>('POST', '/v1/invitations', {
    body: { role: 'viewer' },
  })
  const signingKey = await hub.ask<{ keyId: string }>('POST', '/v1/signing-keys', {
    body: { name: 'vendor', publicKeyPem: generateKeyPair().publicKeyPem },
  })
  expect(signingKey.status, signingKey.text).toBe(200)
  await newPerson(hub, 'vera@example.com')
  const users = await hub.ask<{ rows: { id: string }[] }>('GET', '/v1/users')
  const user = users.body.rows[0]?.id ?? ''
  const sessions = await hub.ask<{ rows: { id: string }[] }>('GET', `/v1/users/${user}/sessions`)
  await hub.ask('POST', '/v1/keys', { body: { name: 'made-administrator', role: 'administrator' } })
  await detectIntrusions(hub.hub)
  const intrusions = await hub.ask<{ rows: { id: string }[] }>('GET', '/v1/intrusions')
  expect(intrusions.body.rows).not.toEqual([])
  return {
    intrusion: intrusions.body.rows[0]?.id ?? '',
    invitation: invitation.body.invitation.id,
    user,
    session: sessions.body.rows[0]?.id ?? '',
    authority: 'ca_abcdefgh234567',
    site: 'oslo',
    group: 'pumps',
    settings: 'site:oslo',
    role: 'loader',
    approval,
    batch: batch.body.id,
    secret: secret.body.id,
    connection: source.body.connection.id,
    signingKey: signingKey.body.keyId,
    token: token.id,
    expected: expected.body.devices[0]?.id ?? '',
    device: device.id,
    upload: upload.body.id,
    model: 'pump',
    version: '1',
    alias: 'best',
    deployment: 'pumps',
    vulnerability: advisory.id,
    rollout: applied.body.deployment.rolloutId,
    key,
  }
}

/** The spec of a source that needs no equipment. */
export const simulatorSource = (name: string, value = 1) => ({
  name,
  protocol: 'simulator',
  groups: [{ name: 'process', everyMs: 1_000, tags: [{ name: 'level', signal: { kind: 'constant', value } }] }],
})

/** A request that waits for a second person; no later call does. */
async function makeApproval(hub: TestHub): Promise<string> {
  await hub.ask('PUT', '/v1/approval-rules', { body: { roles: true } })
  const held = await hub.ask<{ code: string; message: string }>('POST', '/v1/keys', {
    body: { name: 'held', role: 'viewer' },
  })
  expect(held.body.code, held.text).toBe('approval_needed')
  await hub.ask('PUT', '/v1/approval-rules', { body: {} })
  return held.body.message.split(' ')[0] ?? ''
}
