/**
 * Certificate authority: the hub's own, for installations that bring none. It certifies the hub (TLS server) and the devices (TLS client).
 *
 *     authority   P-256, 10 years, may sign certificates and nothing below it may
 *     server      2 years, the hub's names and addresses
 *     device      1 year, CN = device id, O = organisation id, both set here and never taken from the request
 *     hub         TLS client to other hubs: a week, CN = hub id, O = a name that no organisation's id can be
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
  Pkcs10CertificateRequestGenerator,
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
const HUB_LIFE_MS = 7 * DAY_MS
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
    issuer: await openIssuer([{ CN: [commonName] }], publicKeyPem, privateKeyPem),
    lifeMs: AUTHORITY_LIFE_MS,
    nowMs,
    extensions: authorityExtensions(),
  })
  return { certificatePem, privateKeyPem }
}

/** What an authority may do: sign certificates, and have no authority below it. */
const authorityExtensions = () => [
  new BasicConstraintsExtension(true, 0, true),
  new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
]

/** A key, and the request (PKCS #10, PEM) with which another authority makes it one. */
export async function requestAuthority(commonName: string): Promise<{ privateKeyPem: string; requestPem: string }> {
  const { privateKeyPem, publicKeyPem } = generateKeyPair()
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [literally(commonName)] }],
    signingAlgorithm: ES256,
    keys: { privateKey: await importSigningKey(privateKeyPem), publicKey: await importPublicKey(publicKeyPem) },
    extensions: authorityExtensions(),
  })
  return { privateKeyPem, requestPem: `${request.toString('pem')}\n` }
}

/** The library reads what it is given as RFC 4514 writes it, where "#" begins bytes, and quotes and backslashes mean something. */
const literally = (text: string) => text.replace(/./g, '\\$&')

/** Makes a key and a certificate for a TLS server that is reached by these DNS names and IP addresses. */
export async function issueServerCertificate(
  authority: Credentials,
  { names, nowMs }: { names: readonly [string, ...string[]]; nowMs: number },
): Promise<Credentials> {
  const { privateKeyPem, publicKeyPem } = generateKeyPair()
  const certificatePem = await issue({
    subject: [{ CN: [names[0]] }],
    publicKeyPem,
    issuer: await issuerOf(authority),
    lifeMs: SERVER_LIFE_MS,
    nowMs,
    extensions: [...leaf(ExtendedKeyUsage.serverAuth), new SubjectAlternativeNameExtension(names.map(alternativeName))],
  })
  return { certificatePem, privateKeyPem }
}

/** The organisation of hubs in certificates: those of devices carry ids, which look otherwise. */
export const HUBS = 'Skerry hubs'

/** Makes a key and a certificate by which other hubs of the same authority know a hub. */
export async function issueHubCertificate(
  authority: Credentials,
  { hubId, nowMs }: { hubId: string; nowMs: number },
): Promise<Credentials> {
  const { privateKeyPem, publicKeyPem } = generateKeyPair()
  // [RFC 5280, appendix A.1] A common name has 64 characters at most.
  const device = { publicKeyPem, deviceId: hubId.slice(-64), organisationId: HUBS, nowMs, lifeMs: HUB_LIFE_MS }
  return { certificatePem: await certifyDevice(authority, device), privateKeyPem }
}

/**
 * Issues a device's certificate from its request (PEM). Only the key is taken from the request, after its own signature has proved that the
 * sender has the private half; who the device is, the caller says.
 */
export async function issueDeviceCertificate(
  authority: Credentials,
  request: { requestPem: string; deviceId: string; organisationId: string; nowMs: number; lifeMs?: number },
): Promise<IssueResult> {
  const checked = await checkRequest(request.requestPem)
  if (!checked.ok) return checked
  return { ok: true, certificatePem: await certifyDevice(authority, { ...request, ...checked }) }
}

/** The same for a key whose request has been checked already. */
export async function certifyDevice(
  authority: Credentials,
  device: { publicKeyPem: string; deviceId: string; organisationId: string; nowMs: number; lifeMs?: number },
): Promise<string> {
  const { publicKeyPem, deviceId, organisationId, nowMs, lifeMs = DEVICE_LIFE_MS } = device
  return issue({
    subject: [{ CN: [deviceId] }, { O: [organisationId] }],
    publicKeyPem,
    issuer: await issuerOf(authority),
    lifeMs,
    nowMs,
    extensions: leaf(ExtendedKeyUsage.clientAuth),
  })
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
    if (!(await request.verify())) return refuse('the request is not signed with its own key; create it again')
    return { ok: true, publicKeyPem }
  } catch {
    return refuse('this is not a certificate request (PKCS #10 in PEM)')
  }
}

/** What the subject of a request says, unproved; nothing where it is no request. */
export function subjectOfRequest(requestPem: string): {
  commonName?: string | undefined
  serialNumber?: string | undefined
} {
  try {
    const { subjectName } = new Pkcs10CertificateRequest(requestPem)
    // [RFC 5280, appendix A.1] id-at-serialNumber.
    const [[commonName], [serialNumber]] = [subjectName.getField('CN'), subjectName.getField('2.5.4.5')]
    return { commonName, serialNumber }
  } catch {
    return {}
  }
}

type Name = Record<string, string[]>[]

/** Who signs, ready to sign: reading a key and a certificate again for each device would take longer than the signature. */
type Issuer = {
  subject: Name | string
  signingKey: Awaited<ReturnType<typeof importSigningKey>>
  keyIdentifier: Extension
}
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
    signingKey: issuer.signingKey,
    signingAlgorithm: ES256,
    extensions: [...extensions, await SubjectKeyIdentifierExtension.create(publicKey), issuer.keyIdentifier],
  })
  return `${certificate.toString('pem')}\n`
}

const issuers = new WeakMap<Credentials, Promise<Issuer>>()

function issuerOf(authority: Credentials): Promise<Issuer> {
  const known = issuers.get(authority) ?? readIssuer(authority)
  issuers.set(authority, known)
  return known
}

function readIssuer({ certificatePem, privateKeyPem }: Credentials): Promise<Issuer> {
  const certificate = new X509Certificate(certificatePem)
  return openIssuer(certificate.subject, certificate.publicKey.toString('pem'), privateKeyPem)
}

async function openIssuer(subject: Name | string, publicKeyPem: string, privateKeyPem: string): Promise<Issuer> {
  return {
    subject,
    signingKey: await importSigningKey(privateKeyPem),
    keyIdentifier: await AuthorityKeyIdentifierExtension.create(await importPublicKey(publicKeyPem)),
  }
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
