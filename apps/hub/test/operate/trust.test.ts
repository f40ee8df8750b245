import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrustMessage } from '@skerry/contract/held/trust'
import type { VersionDetail } from '@skerry/contract/models/model'
import type { SigningKey, VersionTrust } from '@skerry/contract/models/trust'
import { generateKeyPair, type KeyPair } from '@skerry/platform/certificates/private-key'
import { signModel } from '@skerry/platform/signatures/model-signature'
import { verifyTrust } from '@skerry/platform/signatures/trust-signature'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, listenHeld, openLink, reportOf } from '../stage/test-device.ts'
import { goldenOf, modelBytes, push, unary } from '../stage/test-model.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const relu = modelBytes(unary('Relu'))
const sigmoid = modelBytes(unary('Sigmoid'))
const keys = async (key?: string) =>
  (await hub.ask<{ keys: SigningKey[] }>('GET', '/v1/signing-keys', key === undefined ? {} : { key })).body.keys
const keyNamed = async (name: string) => {
  const found = (await keys()).find((each) => each.name === name)
  if (!found) throw new Error(`no key ${name}`)
  return found
}
const add = (name: string, { publicKeyPem }: KeyPair) =>
  hub.ask<SigningKey>('POST', '/v1/signing-keys', { body: { name, publicKeyPem } })
const setRules = (rules: unknown[]) => hub.ask('PUT', '/v1/trust', { body: { rules } })
const signerOf = ({ bundle }: VersionDetail) => bundle.verificationMaterial.publicKey.hint
const signatureBy = ({ privateKeyPem }: KeyPair, version: VersionDetail) =>
  signModel({ name: 'theirs', resources: version.files.filter(({ path }) => path !== 'golden.json'), privateKeyPem })
const because = { body: { reason: 'its backup was stolen' } }

test('a rotated key signs new versions, signatures of the old key stay valid, and only an old key can be revoked', async () => {
  const before = (await push(hub, 'rotated', relu)).body.version
  const rotated = await hub.ask<SigningKey>('POST', '/v1/signing-keys/rotate', { body: {} })
  expect(rotated.body).toMatchObject({ name: 'hub-2', kind: 'hub', state: 'active' })
  const after = (await push(hub, 'rotated', sigmoid)).body.version
  expect(signerOf(after)).toBe(rotated.body.keyId)
  expect(signerOf(before)).toBe((await keyNamed('hub')).keyId)
  expect(await keyNamed('hub')).toMatchObject({ state: 'retired', versions: 1, changedBy: 'owner' })
  const path = `/v1/signing-keys/${rotated.body.keyId}`
  expect((await hub.ask('POST', `${path}/revoke`, because)).body).toMatchObject({ code: 'signing_key_state_refused' })
  expect((await hub.ask('POST', `${path}/retire`, { body: {} })).body).toMatchObject({
    code: 'signing_key_state_refused',
  })
  const trust = await hub.ask<VersionTrust>('GET', '/v1/models/rotated/versions/1/trust')
  expect(trust.body.problem).toBeUndefined()
  const audit = await hub.ask<{ rows: unknown[] }>('GET', '/v1/audit?action=signingKey.rotate')
  expect(audit.body.rows).toMatchObject([{ detail: { name: 'hub-2', retired: (await keyNamed('hub')).keyId } }])
})

test('the private half is in no answer, log line or row, and a rekey includes it', async () => {
  const rows = () => hub.hub.store.db.selectFrom('signing_keys').select('private_key').execute()
  const [{ private_key: sealed } = { private_key: null }] = (await rows()).filter((row) => row.private_key !== null)
  expect(sealed).toMatch(/^v1\./)
  const said = JSON.stringify([await rows(), hub.log, await keys(), (await hub.ask('GET', '/v1/audit')).text])
  expect(said).not.toContain('PRIVATE KEY')
  const path = join(hub.data, 'encryption-key')
  await writeFile(path, `${randomBytes(32).toString('base64')}\n${await readFile(path, 'utf8')}`)
  expect((await hub.ask('POST', '/v1/secrets/rekey', { body: {} })).status).toBe(200)
  expect((await rows()).map((row) => row.private_key)).not.toContain(sealed)
  expect(await hub.hub.store.db.selectFrom('data_keys').selectAll().execute()).toHaveLength(1)
  expect((await push(hub, 'rekeyed', relu)).status).toBe(200)
})

test('a version that a revoked key signed is not deployed until it is signed again', async () => {
  const { keyId } = await keyNamed('hub')
  const revoked = await hub.ask<SigningKey>('POST', `/v1/signing-keys/${keyId}/revoke`, because)
  expect(revoked.body).toMatchObject({ state: 'revoked', reason: 'its backup was stolen' })
  const spec = { body: { deployable: 'rotated', version: '1' } }
  const refused = await hub.ask('PUT', '/v1/deployments/rotated', spec)
  expect(refused.body).toMatchObject({ code: 'version_untrusted', message: expect.stringContaining('revoked') })
  expect((await hub.ask('POST', '/v1/deployments/rotated/plan', spec)).body).toMatchObject({
    code: 'version_untrusted',
  })
  expect((await hub.ask('POST', `/v1/signing-keys/${keyId}/revoke`, because)).body).toMatchObject({
    code: 'signing_key_state_refused',
  })
  const before = await hub.ask<VersionDetail>('GET', '/v1/models/rotated/versions/1')
  const signed = await hub.ask<VersionTrust>('POST', '/v1/models/rotated/versions/1/signatures', { body: {} })
  expect(signed.body).toMatchObject({ digest: before.body.digest, signatures: [{ name: 'hub-2', state: 'active' }] })
  expect((await hub.ask('PUT', '/v1/deployments/rotated', spec)).status).toBe(200)
})

test('rules reject versions that the publisher has not signed, at the push and at the deployment', async () => {
  const vendor = generateKeyPair()
  const quality = generateKeyPair()
  const version = (await push(hub, 'press-1', relu, { golden: goldenOf(1) })).body.version
  const ids = [(await add('vendor', vendor)).body.keyId, (await add('quality', quality)).body.keyId]
  expect((await setRules([{ models: 'press-*', keys: ids, signatures: 2 }])).status).toBe(200)
  const deploy = () => hub.ask('PUT', '/v1/deployments/press-1', { body: { deployable: 'press-1', version: '1' } })
  expect((await deploy()).body).toMatchObject({
    code: 'version_untrusted',
    message: expect.stringMatching(/2 of 2 keys/),
  })
  const unsigned = await push(hub, 'press-2', sigmoid)
  expect(unsigned.body).toMatchObject({ code: 'version_untrusted' })
  expect((await hub.ask('GET', '/v1/models/press-2')).body).toMatchObject({ code: 'model_unknown' })
  const sign = (...signatures: unknown[]) =>
    hub.ask<VersionTrust>('POST', '/v1/models/press-1/versions/1/signatures', { body: { signatures } })
  expect((await sign(signatureBy(vendor, version))).body.problem).toMatchObject({ code: 'signature_policy' })
  expect((await sign(signatureBy(generateKeyPair(), version))).body).toMatchObject({ code: 'signature_refused' })
  const other = (await push(hub, 'pump', sigmoid)).body.version
  expect((await sign(signatureBy(quality, other))).body).toMatchObject({ code: 'signature_refused' })
  expect((await sign(signatureBy(quality, version))).body.problem).toBeUndefined()
  expect((await deploy()).status).toBe(200)
  const signatures = [vendor, quality].map((each) => signatureBy(each, other))
  const pushed = await push(hub, 'press-2', sigmoid, { signatures })
  expect(pushed.status, pushed.text).toBe(200)
  const known = { golden: goldenOf(1), signatures: [signatureBy(quality, version)] }
  const again = await push(hub, 'press-1', relu, known)
  expect(again.body.created).toBe(false)
  expect(again.body, 'its signature is there already').not.toHaveProperty('notRecorded')
  const late = await push(hub, 'pump', sigmoid, { signatures })
  expect(late.body.notRecorded).toEqual(ids.map((name) => ({ part: 'signature', name, given: name })))
  expect((await hub.ask('POST', `/v1/signing-keys/${ids[0]}/retire`, { body: {} })).body).toMatchObject({
    state: 'retired',
  })
  expect((await deploy()).status).toBe(200)
  expect((await sign(signatureBy(vendor, version))).body).toMatchObject({ code: 'signature_refused' })
  await hub.ask('POST', `/v1/signing-keys/${ids[0]}/revoke`, because)
  expect((await hub.ask<VersionTrust>('GET', '/v1/models/press-1/versions/1/trust')).body.problem).toMatchObject({
    code: 'signature_policy',
  })
  expect((await setRules([])).status).toBe(200)
})

test('invalid keys and rules are rejected with the next step, and another organisation has its own keys', async () => {
  expect((await add('vendor', generateKeyPair())).body).toMatchObject({ code: 'signing_key_exists' })
  const publicKeyPem = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'
  expect((await add('bad', { publicKeyPem, privateKeyPem: '' })).body).toMatchObject({ code: 'signing_key_invalid' })
  const stranger = 'a'.repeat(64)
  const rule = { models: '*', keys: [stranger] }
  expect((await setRules([rule])).body).toMatchObject({ code: 'signing_key_unknown' })
  expect((await setRules([{ ...rule, signatures: 2 }])).body).toMatchObject({ code: 'input_invalid' })
  expect((await hub.ask('POST', `/v1/signing-keys/${stranger}/revoke`, because)).body).toMatchObject({
    code: 'signing_key_unknown',
  })
  const key = await otherOrganisation(hub, 'elsewhere')
  expect((await keys(key)).map(({ name, state }) => [name, state])).toEqual([['hub', 'active']])
  const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looker', role: 'viewer' } })
  expect((await keys(body.secret)).length).toBeGreaterThan(1)
  const refused = await hub.ask('POST', '/v1/signing-keys/rotate', { key: body.secret, body: {} })
  expect(refused.body).toMatchObject({ code: 'permission_denied' })
})

test('a device receives the rules at once, signed by the key that it learned when it joined', async () => {
  const device = await joinDevice(hub, { site: 'oslo' })
  const link = await openLink(hub, device)
  await link.client.report(reportOf())
  const stream = await listenHeld(link.client, 'trust', {})
  const next = async () => {
    const { envelope } = (await stream.next()).value as TrustMessage
    const verdict = envelope && verifyTrust(envelope, [hub.hub.signing.publicKeyPem])
    return verdict?.ok ? verdict.document : undefined
  }
  const first = await next()
  expect(first?.keys.map(({ state }) => state)).toContain('revoked')
  await hub.ask('POST', '/v1/signing-keys/rotate', { body: {} })
  const second = await next()
  expect(second?.revision).toBeGreaterThan(first?.revision ?? 0)
  expect(second?.keys).toHaveLength((first?.keys.length ?? 0) + 1)
  // Two links at once would count as a copy of the device.
  link[Symbol.dispose]()
  using again = await openLink(hub, device)
  await again.client.report(reportOf())
  const known = await listenHeld(again.client, 'trust', { revision: second?.revision ?? 1 })
  expect((await known.next()).value).toEqual({})
})
