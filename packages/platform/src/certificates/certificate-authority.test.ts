import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { fingerprintOf, parseCertificate, verifyCertificate } from './certificate.ts'
import {
  type Credentials,
  createAuthority,
  issueDeviceCertificate,
  issueServerCertificate,
} from './certificate-authority.ts'
import { createCertificateRequest } from './certificate-request.ts'
import { generateKeyPair } from './private-key.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
// Whole seconds, as certificates have no finer time.
const nowMs = Math.floor(Date.now() / 1000) * 1000
const folder = mkdtempSync(join(tmpdir(), 'skerry-certificates-'))
afterAll(() => rmSync(folder, { recursive: true }))

const deviceId = 'dev_abcdefgh'
const organisationId = 'org_abcdefgh'
let authority: Credentials
let stranger: Credentials
let server: Credentials
let device: Credentials

beforeAll(async () => {
  authority = await createAuthority({ commonName: 'Skerry test CA', nowMs })
  stranger = await createAuthority({ commonName: 'Skerry test CA', nowMs })
  server = await issueServerCertificate(authority, { names: ['localhost', 'hub.example', '127.0.0.1', '::1'], nowMs })
  device = await newDevice(authority)
})

async function newDevice(issuer: Credentials, lifeMs?: number): Promise<Credentials> {
  const { privateKeyPem } = generateKeyPair()
  const requestPem = await createCertificateRequest(privateKeyPem)
  const life = lifeMs === undefined ? {} : { lifeMs }
  const issued = await issueDeviceCertificate(issuer, { requestPem, deviceId, organisationId, nowMs, ...life })
  if (!issued.ok) throw new Error(issued.message)
  return { certificatePem: issued.certificatePem, privateKeyPem }
}

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const judged = test.skipIf(!isInstalled('openssl', 'version'))
const openssl = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' })

judged('openssl accepts the server and the device certificate for their purposes, and for no other', () => {
  const ca = file('ca.pem', authority.certificatePem)
  const serverPem = file('server.pem', server.certificatePem)
  const devicePem = file('device.pem', device.certificatePem)
  const verify = (purpose: string, path: string, ...more: string[]) =>
    openssl('verify', '-x509_strict', '-CAfile', ca, '-purpose', purpose, ...more, path)
  expect(verify('sslserver', serverPem, '-verify_hostname', 'hub.example')).toContain('OK')
  expect(verify('sslserver', serverPem, '-verify_ip', '127.0.0.1')).toContain('OK')
  expect(verify('sslclient', devicePem)).toContain('OK')
  expect(() => verify('sslserver', devicePem)).toThrow(/unsuitable|purpose/i)
  expect(() => verify('sslserver', serverPem, '-verify_hostname', 'other.example')).toThrow(/mismatch/i)
  const other = file('stranger.pem', stranger.certificatePem)
  expect(() => openssl('verify', '-CAfile', other, devicePem)).toThrow(/verif|signature|issuer/i)
})

judged('openssl reads the request and finds its signature good', async () => {
  const path = file('request.pem', await createCertificateRequest(generateKeyPair().privateKeyPem, 'pump house'))
  expect(openssl('req', '-in', path, '-verify', '-noout', '-subject')).toContain('pump house')
})

judged('says what a certificate holds, as openssl does', () => {
  const view = parseCertificate(device.certificatePem)
  const path = file('device.pem', device.certificatePem)
  const told = openssl('x509', '-in', path, '-noout', '-serial', '-fingerprint', '-sha256', '-subject')
  expect(view).toMatchObject({ commonName: deviceId, organisation: organisationId, isAuthority: false })
  expect(told).toContain(`serial=${view?.serial}`)
  expect(told.replaceAll(':', '').toLowerCase()).toContain(`fingerprint=${view?.fingerprint}`)
  expect(view?.fingerprint).toBe(fingerprintOf(device.certificatePem))
  expect(view).toMatchObject({ notBeforeMs: nowMs - HOUR_MS, notAfterMs: nowMs + 365 * DAY_MS })
  expect(parseCertificate(authority.certificatePem)?.isAuthority).toBe(true)
  expect(parseCertificate('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toBeUndefined()
})

test('takes the key from a request and nothing else', async () => {
  const { privateKeyPem } = generateKeyPair()
  const requestPem = await createCertificateRequest(privateKeyPem, 'dev_somebodyelse')
  const issued = await issueDeviceCertificate(authority, { requestPem, deviceId, organisationId, nowMs })
  expect(issued.ok && parseCertificate(issued.certificatePem)?.commonName).toBe(deviceId)
})

judged('refuses a request that is weak, changed, or none', async () => {
  const weakKeys: [string, string[]][] = [
    ['P-192', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-192']],
    ['RSA', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']],
  ]
  const issue = (requestPem: string) =>
    issueDeviceCertificate(authority, { requestPem, deviceId, organisationId, nowMs })
  for (const [name, args] of weakKeys) {
    const key = file(`${name}.key`, openssl(...args))
    const requestPem = openssl('req', '-new', '-key', key, '-subj', '/CN=weak')
    expect(await issue(requestPem), name).toMatchObject({ ok: false, code: 'csr_invalid' })
  }
  const good = await createCertificateRequest(generateKeyPair().privateKeyPem)
  const der = Buffer.from(good.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  const last = der.length - 1
  der.writeUInt8(der.readUInt8(last) ^ 1, last)
  const changed = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
  expect(await issue(changed)).toMatchObject({ ok: false, code: 'csr_invalid' })
  for (const junk of ['', 'hello', authority.certificatePem, '-----BEGIN CERTIFICATE REQUEST-----\n!!\n']) {
    expect(await issue(junk)).toMatchObject({ ok: false, code: 'csr_invalid' })
  }
})

judged('accepts a request that openssl made with a P-384 key', async () => {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-384',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const requestPem = openssl('req', '-new', '-key', file('p384.key', privateKey), '-subj', '/CN=x')
  const issued = await issueDeviceCertificate(authority, { requestPem, deviceId, organisationId, nowMs })
  expect(issued.ok).toBe(true)
  if (!issued.ok) return
  const path = file('p384.pem', issued.certificatePem)
  expect(openssl('verify', '-CAfile', file('ca.pem', authority.certificatePem), path)).toContain('OK')
})

test('judges origin, time and purpose', async () => {
  const authorities = [authority.certificatePem]
  const verdict = (pem: string, at = nowMs, purpose: 'client' | 'server' = 'client') => {
    const result = verifyCertificate(pem, { authorities, purpose, nowMs: at })
    return result.ok ? 'ok' : result.code
  }
  expect(verdict(device.certificatePem)).toBe('ok')
  expect(verdict(server.certificatePem, nowMs, 'server')).toBe('ok')
  expect(verdict(device.certificatePem, nowMs - HOUR_MS)).toBe('ok')
  expect(verdict(device.certificatePem, nowMs - HOUR_MS - 1)).toBe('certificate_too_new')
  expect(verdict(device.certificatePem, nowMs + 365 * DAY_MS)).toBe('ok')
  expect(verdict(device.certificatePem, nowMs + 365 * DAY_MS + 1)).toBe('certificate_expired')
  expect(verdict(device.certificatePem, nowMs, 'server')).toBe('certificate_misused')
  // The same name, another key.
  expect(verdict((await newDevice(stranger)).certificatePem)).toBe('certificate_untrusted')
  // A device's certificate is no authority, whatever it signs.
  const forged = await newDevice(device)
  expect(
    verifyCertificate(forged.certificatePem, { authorities: [device.certificatePem], purpose: 'client', nowMs }),
  ).toMatchObject({ code: 'certificate_untrusted' })
  expect(verdict('junk')).toBe('certificate_malformed')
  // An authority that has ended ends those whom it certified.
  const late = await newDevice(authority, 20 * 365 * DAY_MS)
  expect(verdict(late.certificatePem, nowMs + 11 * 365 * DAY_MS)).toBe('certificate_expired')
})

/** A certificate that openssl makes, signed by another, or by itself. */
function forge(name: string, extensions: string, issuer?: string): string {
  const key = file(`${name}.key`, generateKeyPair().privateKeyPem)
  const by = issuer ? ['-CA', join(folder, `${issuer}.pem`), '-CAkey', join(folder, `${issuer}.key`)] : []
  const added = extensions.split('|').flatMap((extension) => ['-addext', extension])
  const config = [
    '-config',
    file('empty.cnf', '[req]\ndistinguished_name = dn\n[dn]\n'),
    '-out',
    join(folder, `${name}.pem`),
  ]
  openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    key,
    '-subj',
    `/CN=${issuer ? 'leaf' : 'Skerry test CA'}`,
    ...config,
    ...added,
    ...by,
  )
  return readFileSync(join(folder, `${name}.pem`), 'utf8')
}

judged('is not taken in by an authority of the same name and key identifier, nor by one that is none', () => {
  const ca = file('ca.pem', authority.certificatePem)
  const shown = openssl('x509', '-in', ca, '-noout', '-ext', 'subjectKeyIdentifier')
  const keyId = /([0-9A-F]{2}:){19}[0-9A-F]{2}/.exec(shown)?.[0] ?? ''
  const leaf = 'extendedKeyUsage=clientAuth|authorityKeyIdentifier=keyid'
  const verdict = (pem: string, authorityPem: string) =>
    verifyCertificate(pem, { authorities: [authorityPem], purpose: 'client', nowMs: nowMs + HOUR_MS })
  const twin = forge('twin', `basicConstraints=critical,CA:TRUE|subjectKeyIdentifier=${keyId}`)
  const ofTwin = forge('ofTwin', leaf, 'twin')
  expect(verdict(ofTwin, twin)).toMatchObject({ ok: true })
  expect(verdict(ofTwin, authority.certificatePem)).toMatchObject({ code: 'certificate_untrusted' })
  const person = forge('person', 'basicConstraints=CA:FALSE|subjectKeyIdentifier=hash')
  expect(verdict(forge('ofPerson', leaf, 'person'), person)).toMatchObject({ code: 'certificate_untrusted' })
})

type Options = { serverCa: string; clientCa: string; client?: Credentials; servername?: string }

/** A TLS 1.3 server that asks for a client certificate; gives what each side makes of the other. */
async function handshake({ serverCa, clientCa, client, servername = 'localhost' }: Options) {
  const tlsServer = createServer({
    cert: server.certificatePem,
    key: server.privateKeyPem,
    ca: serverCa,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  })
  tlsServer.listen(0, '127.0.0.1')
  await once(tlsServer, 'listening')
  onTestFinished(() => void tlsServer.close())
  const serverSaw = new Promise<string>((resolve) => {
    tlsServer.on('tlsClientError', (error) => resolve(`refused: ${error.message}`))
    tlsServer.on('secureConnection', (socket: TLSSocket) => {
      resolve(`${socket.getProtocol()} ${String(socket.getPeerCertificate().subject.CN)}`)
      socket.on('error', () => undefined).end('welcome')
    })
  })
  const socket = connect({
    host: '127.0.0.1',
    port: (tlsServer.address() as AddressInfo).port,
    servername,
    ca: clientCa,
    ...(client && { cert: client.certificatePem, key: client.privateKeyPem }),
  })
  const clientSaw = new Promise<string>((resolve) => {
    socket.on('data', (chunk) => resolve(chunk.toString()))
    socket.on('error', (error) => resolve(`refused: ${error.message}`))
    socket.on('close', () => resolve('refused: closed'))
  })
  return { server: await serverSaw, client: await clientSaw }
}

test('a device and the hub know each other over TLS 1.3', async () => {
  const ca = authority.certificatePem
  const seen = await handshake({ serverCa: ca, clientCa: ca, client: device })
  expect(seen).toEqual({ server: `TLSv1.3 ${deviceId}`, client: 'welcome' })
})

test('the hub refuses a device of another authority, and one without a certificate', async () => {
  const ca = authority.certificatePem
  const intruder = await newDevice(stranger)
  for (const client of [{ client: intruder }, {}]) {
    const seen = await handshake({ serverCa: ca, clientCa: ca, ...client })
    expect(seen).toEqual({ server: expect.stringMatching(/^refused/), client: expect.stringMatching(/^refused/) })
  }
})

test('a device refuses a hub of another authority, and one of another name', async () => {
  const ca = authority.certificatePem
  const wrongCa = await handshake({ serverCa: ca, clientCa: stranger.certificatePem, client: device })
  expect(wrongCa.client).toMatch(/refused: .*certificate/)
  const wrongName = await handshake({ serverCa: ca, clientCa: ca, client: device, servername: 'other.example' })
  expect(wrongName.client).toMatch(/refused: .*altnames/)
})
