/** EST by tools that know nothing of us: curl asks, openssl makes the requests and judges what comes back. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { WaitingDevice } from '@skerry/contract/joining/join'
import { DeviceId } from '@skerry/contract/values/ids'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { makeToken, openLink, reportOf } from '../stage/test-device.ts'

const run = promisify(execFile)

let hub: TestHub
let folder: string
const at = (name: string) => join(folder, name)
const openssl = async (...words: string[]) => (await run('openssl', words)).stdout

beforeAll(async () => {
  hub = await startTestHub()
  folder = await mkdtemp(join(tmpdir(), 'skerry-est-'))
  await writeFile(at('ca.pem'), hub.hub.config.caPem)
})
afterAll(async () => {
  await hub[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

type Answer = { status: number; head: string; body: string }

async function curl(path: string, ...words: string[]): Promise<Answer> {
  const common = ['-sS', '--cacert', at('ca.pem'), '-D', '-', '-w', '\n%{http_code}']
  const { stdout } = await run('curl', [...common, ...words, `${hub.url}/.well-known/est/${path}`])
  const [head = '', ...rest] = stdout.split('\r\n\r\n')
  const body = rest.join('\r\n\r\n')
  const end = body.lastIndexOf('\n')
  return { status: Number(body.slice(end + 1)), head, body: body.slice(0, end) }
}

/** A key and a request, as base64 of DER. */
async function request(
  name: string,
  subject: string,
  algorithm = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
) {
  await openssl('genpkey', ...algorithm, '-out', at(`${name}.key`))
  await renewRequest(name, subject)
}
async function renewRequest(name: string, subject: string, key = name) {
  await openssl('req', '-new', '-key', at(`${key}.key`), '-subj', subject, '-outform', 'DER', '-out', at(`${name}.der`))
  await openssl('base64', '-in', at(`${name}.der`), '-out', at(`${name}.b64`))
}
const send = (name: string) => ['-H', 'Content-Type: application/pkcs10', '--data-binary', `@${at(`${name}.b64`)}`]
const shown = (name: string) => ['--cert', at(`${name}.pem`), '--key', at(`${name}.key`)]

/** What openssl finds in the answer. */
async function unpack(name: string, { body }: Answer): Promise<string> {
  await writeFile(at(`${name}.p7b64`), body)
  await openssl('base64', '-d', '-in', at(`${name}.p7b64`), '-out', at(`${name}.p7`))
  await openssl('pkcs7', '-inform', 'DER', '-in', at(`${name}.p7`), '-print_certs', '-out', at(`${name}.pem`))
  return readFile(at(`${name}.pem`), 'utf8')
}

describe.skipIf(!isInstalled('curl', '--version') || !isInstalled('openssl', 'version'))('EST', () => {
  test('says what vouches for hub and devices', async () => {
    const answer = await curl('cacerts')
    expect(answer.status).toBe(200)
    expect(answer.head).toMatch(/content-type: application\/pkcs7-mime; smime-type=certs-only/i)
    expect(answer.head).toMatch(/content-transfer-encoding: base64/i)
    expect((await unpack('authorities', answer)).match(/BEGIN CERTIFICATE/g)).toHaveLength(1)
    const print = (file: string) => openssl('x509', '-in', at(file), '-noout', '-fingerprint', '-sha256')
    expect(await print('authorities.pem')).toBe(await print('ca.pem'))
  })

  test('a join token is the password; what comes back is a certificate of the hub for the key, and opens the link', async () => {
    const { secret } = await makeToken(hub)
    await request('plc-7', '/CN=plc-7/serialNumber=SN-7')
    const answer = await curl('simpleenroll', '-u', `anybody:${secret}`, ...send('plc-7'))
    expect(answer.status).toBe(200)
    await unpack('plc-7', answer)
    const verify = ['verify', '-purpose', 'sslclient', '-CAfile', at('ca.pem'), at('plc-7.pem')]
    expect(await openssl(...verify)).toContain('OK')
    const publicOf = (...words: string[]) => openssl(...words, '-pubout')
    expect(await openssl('x509', '-in', at('plc-7.pem'), '-noout', '-pubkey')).toBe(
      await publicOf('pkey', '-in', at('plc-7.key')),
    )
    const subject = await openssl('x509', '-in', at('plc-7.pem'), '-noout', '-subject', '-nameopt', 'multiline')
    const id = DeviceId.parse(/commonName\s+= (\S+)/.exec(subject)?.[1])
    expect((await hub.ask('GET', `/v1/devices/${id}`)).body).toMatchObject({ name: 'plc-7', status: 'active' })
    const certificatePem = await readFile(at('plc-7.pem'), 'utf8')
    const privateKeyPem = await readFile(at('plc-7.key'), 'utf8')
    using link = await openLink(hub, { certificatePem, privateKeyPem })
    expect((await link.client.report(reportOf())).generation).toBe(0)
    // The same request again is the same device and the same certificate.
    expect((await curl('simpleenroll', '-u', `x:${secret}`, ...send('plc-7'))).body).toBe(answer.body)
  })

  test('the certificate renews itself, for its own key only', async () => {
    await renewRequest('again', '/CN=whatever', 'plc-7')
    const before = await readFile(at('plc-7.pem'), 'utf8')
    for (const path of ['simplereenroll', 'simpleenroll']) {
      const answer = await curl(path, ...shown('plc-7'), ...send('again'))
      expect(answer.status).toBe(200)
      expect(await unpack('again', answer)).not.toBe(before)
      expect(await openssl('x509', '-in', at('again.pem'), '-noout', '-subject')).toBe(
        await openssl('x509', '-in', at('plc-7.pem'), '-noout', '-subject'),
      )
    }
    await request('other', '/CN=plc-7')
    const foreign = await curl('simplereenroll', ...shown('plc-7'), ...send('other'))
    expect(foreign).toMatchObject({ status: 400, body: expect.stringContaining('csr_invalid') })
  })

  test('whoever must be approved is told to come again, is seen in the queue, and gets the certificate then', async () => {
    const { secret } = await makeToken(hub, { approval: 'manual' })
    await request('plc-8', '/CN=plc-8/serialNumber=SN-8')
    const ask = () => curl('simpleenroll', '-u', `x:${secret}`, ...send('plc-8'))
    const waits = await ask()
    expect(waits).toMatchObject({ status: 202, head: expect.stringMatching(/retry-after: 5/i) })
    const { body } = await hub.ask<{ rows: WaitingDevice[] }>('GET', '/v1/join-requests')
    expect(body.rows).toMatchObject([{ name: 'plc-8', serial: 'SN-8', source: '127.0.0.1' }])
    await hub.ask('POST', '/v1/devices/plc-8/approve', { body: {} })
    expect((await ask()).status).toBe(200)
  })

  test('without a password, with a wrong one, and with one that is used up: 401, and the last is on record', async () => {
    await request('plc-9', '/CN=plc-9')
    const { secret } = await makeToken(hub, { usesMax: 1 })
    expect((await curl('simpleenroll', '-u', `x:${secret}`, ...send('again'))).status).toBe(200)
    const used = await makeToken(hub, { usesMax: 1 })
    await request('first', '/CN=first')
    await curl('simpleenroll', '-u', `x:${used.secret}`, ...send('first'))
    for (const words of [[], ['-u', 'x:nonsense'], ['-u', 'x:skj_nonsense'], ['-u', `x:${used.secret}`]]) {
      const answer = await curl('simpleenroll', ...words, ...send('plc-9'))
      expect(answer, words.join(' ')).toMatchObject({
        status: 401,
        head: expect.stringMatching(/www-authenticate: Basic/i),
      })
    }
    const { body } = await hub.ask<{ rows: AuditRecord[] }>('GET', '/v1/audit?action=device.join&result=token_refused')
    expect(body.rows.some(({ actor }) => actor.id === used.id)).toBe(true)
  })

  test('a request that is none, a weak key, a body that is too large, and a certificate that was revoked are refused', async () => {
    const { secret } = await makeToken(hub)
    await request('rsa', '/CN=rsa', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'])
    await writeFile(at('nonsense.b64'), 'AAAA')
    await writeFile(at('large.b64'), 'A'.repeat(9_000))
    const ask = (name: string) => curl('simpleenroll', '-u', `x:${secret}`, ...send(name))
    for (const [name, status] of [
      ['rsa', 400],
      ['nonsense', 400],
      ['large', 413],
    ] as const) {
      expect((await ask(name)).status, name).toBe(status)
    }
    expect((await curl('simplereenroll', ...send('again'))).status).toBe(401)
    await hub.ask('POST', '/v1/devices/plc-7/revoke', { body: { reason: 'lost' } })
    const revoked = await curl('simplereenroll', ...shown('plc-7'), ...send('again'))
    expect(revoked).toMatchObject({ status: 403, body: expect.stringContaining('device_revoked') })
  })
})
