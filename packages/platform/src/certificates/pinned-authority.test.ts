import { once } from 'node:events'
import { type AddressInfo, createServer as createPlainServer, type Server } from 'node:net'
import { createServer } from 'node:tls'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { fingerprintOf } from './certificate.ts'
import { type Credentials, createAuthority, issueServerCertificate } from './certificate-authority.ts'
import { findPinnedAuthority } from './pinned-authority.ts'

const nowMs = Date.now()
/** For the whole file. */
const signal = AbortSignal.timeout(1_800_000)
let authority: Credentials
let hub: Credentials

beforeAll(async () => {
  authority = await createAuthority({ commonName: 'Skerry', nowMs })
  hub = await issueServerCertificate(authority, { names: ['hub.example'], nowMs })
})

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}
const serve = (cert: string) =>
  listen(createServer({ cert, key: hub.privateKeyPem }, (socket) => void socket.on('error', () => undefined)))
const find = (url: string, fingerprint: string, stop = signal) => findPinnedAuthority({ url, fingerprint }, stop)

test('finds the authority that the token names, by whatever name the hub is reached', async () => {
  const url = await serve(hub.certificatePem + authority.certificatePem)
  const found = await find(url, fingerprintOf(authority.certificatePem))
  expect(found.ok && fingerprintOf(found.authorityPem)).toBe(fingerprintOf(authority.certificatePem))
})

test('refuses a hub of another authority, and one that does not show its own', async () => {
  const other = await createAuthority({ commonName: 'Skerry', nowMs })
  const refused = { ok: false, code: 'certificate_refused', retryable: false }
  const url = await serve(hub.certificatePem + authority.certificatePem)
  expect(await find(url, fingerprintOf(other.certificatePem))).toMatchObject(refused)
  expect(await find(await serve(hub.certificatePem), fingerprintOf(authority.certificatePem))).toMatchObject(refused)
})

test('says that nobody is there, and stops when told to', async () => {
  expect(await find('https://127.0.0.1:1', 'x')).toMatchObject({ code: 'server_unreachable', retryable: true })
  const stop = new AbortController()
  const silent = createPlainServer((socket) => {
    socket.on('error', () => undefined)
    stop.abort(new Error('enough'))
  })
  await expect(find(await listen(silent), 'x', stop.signal)).rejects.toThrow('enough')
})
