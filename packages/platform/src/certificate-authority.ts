/**
 * Certificate authority: the hub's own, for installations that bring none. It certifies the hub (TLS server) and the devices (TLS client).
 *
 *     authority   P-256, 10 years, may sign certificates and nothing below it may
 *     server      2 years, the hub's names and addresses
 *     device      1 year, CN = device id, O = organisation id, both set here and never taken from the request
 *
 * Lives: notes, fleet.md section 3. Certificates count from an hour before now, because the clocks of devices are late as often as early.
 */
import 'reflect-metadata'
import { createPublicKey, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { generateKeyPair } from './private-key.ts'
import { ES256, importPublicKey, importSigningKey, strongCurveOf } from './web-crypto-key.ts'

/** A certificate and the private key that belongs to it, both in PEM. */
export type Credentials = { certificatePem: string; privateKeyPem: string }

export type IssueResult = { ok: true; certificatePem: string } | { ok: false; code: 'csr_invalid'; message: string }

const DAY_MS = 86_400_000
const AUTHORITY_LIFE_MS = 3_652 * DAY_MS
const SERVER_LIFE_MS = 730 * DAY_MS
const DEVICE_LIFE_MS = 365 * DAY_MS
const CLOCK_SLACK_MS = 3_600_000

/** Makes a new authority: a key, and a certificate that it signs itself. */
export async function createAuthority({
  commonName,
  nowMs,
}: {
  commonName: string
  nowMs: number
}): Promise<Credentials> {
  const { privateKeyPem, publicKeyPem } = generateKeyPair()
  const certificatePem = await issue({
    subject: [{ CN: [commonName] }],
    publicKeyPem,
    issuer: { subject: [{ CN: [commonName] }], publicKeyPem, privateKeyPem },
    lifeMs: AUTHORITY_LIFE_MS,
    nowMs,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  })
  return { certificatePem, privateKeyPem }
}

/** Makes a key and a certificate for a TLS server that is reached by these DNS names and IP addresses. */
export async function issueServerCertificate(
  authority: Credentials,
  { names, nowMs }: { names: readonly [string, ...string[]]; nowMs: number },
): Promise<Credentials> {
  const { privateKeyPem, publicKeyPem } = generateKeyPair()
  const certificatePem = await issue({
    subject: [{ CN: [names[0]] }],
    publicKeyPem,
    issuer: issuerOf(authority),
    lifeMs: SERVER_LIFE_MS,
    nowMs,
    extensions: [...leaf(ExtendedKeyUsage.serverAuth), new SubjectAlternativeNameExtension(names.map(alternativeName))],
  })
  return { certificatePem, privateKeyPem }
}

/**
 * Issues a device's certificate from its request (PEM). Only the key is taken from the request, after its own signature has proved that the
 * sender has the private half; who the device is, the caller says.
 */
export async function issueDeviceCertificate(
  authority: Credentials,
  request: { requestPem: string; deviceId: string; organisationId: string; nowMs: number; lifeMs?: number },
): Promise<IssueResult> {
  const { requestPem, deviceId, organisationId, nowMs, lifeMs = DEVICE_LIFE_MS } = request
  const checked = await checkRequest(requestPem)
  if (!checked.ok) return checked
  const certificatePem = await issue({
    subject: [{ CN: [deviceId] }, { O: [organisationId] }],
    publicKeyPem: checked.publicKeyPem,
    issuer: issuerOf(authority),
    lifeMs,
    nowMs,
    extensions: leaf(ExtendedKeyUsage.clientAuth),
  })
  return { ok: true, certificatePem }
}

/** Whether the text is a request whose signature is that of its own, strong enough key. */
export async function checkRequest(
  requestPem: string,
): Promise<{ ok: true; publicKeyPem: string } | Extract<IssueResult, { ok: false }>> {
  try {
    const request = new Pkcs10CertificateRequest(requestPem)
    const publicKeyPem = `${request.publicKey.toString('pem')}\n`
    const key = createPublicKey(publicKeyPem)
    if (!strongCurveOf(key)) {
      return refuse(`the key is ${key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType}; use P-256 or better`)
    }
    if (!(await request.verify())) return refuse('the request is not signed by its own key; make it again')
    return { ok: true, publicKeyPem }
  } catch {
    return refuse('this is not a certificate request (PKCS #10 in PEM)')
  }
}

type Name = Record<string, string[]>[]
type Issuer = { subject: Name | string; publicKeyPem: string; privateKeyPem: string }
type Issue = {
  subject: Name
  publicKeyPem: string
  issuer: Issuer
  lifeMs: number
  nowMs: number
  extensions: Extension[]
}

async function issue({ subject, publicKeyPem, issuer, lifeMs, nowMs, extensions }: Issue): Promise<string> {
  const publicKey = await importPublicKey(publicKeyPem)
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject,
    issuer: issuer.subject,
    notBefore: new Date(nowMs - CLOCK_SLACK_MS),
    notAfter: new Date(nowMs + lifeMs),
    publicKey,
    signingKey: await importSigningKey(issuer.privateKeyPem),
    signingAlgorithm: ES256,
    extensions: [
      ...extensions,
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(await importPublicKey(issuer.publicKeyPem)),
    ],
  })
  return `${certificate.toString('pem')}\n`
}

function issuerOf({ certificatePem, privateKeyPem }: Credentials): Issuer {
  const certificate = new X509Certificate(certificatePem)
  return { subject: certificate.subject, publicKeyPem: certificate.publicKey.toString('pem'), privateKeyPem }
}

const alternativeName = (value: string) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })

const leaf = (usage: ExtendedKeyUsage): Extension[] => [
  new BasicConstraintsExtension(false, undefined, true),
  new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  new ExtendedKeyUsageExtension([usage]),
]

/** [RFC 5280 4.1.2.2] Positive, at most 20 octets. [CA/Browser Forum 7.1] At least 64 bits from a generator that nobody can guess. */
function newSerial(): string {
  const bytes = randomBytes(16)
  // 0x40 in the first octet: neither negative nor with leading zeros, whatever chance gave.
  return Buffer.concat([Buffer.of(0x40 | ((bytes[0] ?? 0) & 0x3f)), bytes.subarray(1)]).toString('hex')
}

const refuse = (message: string): Extract<IssueResult, { ok: false }> => ({ ok: false, code: 'csr_invalid', message })
