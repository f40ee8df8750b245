/**
 * Certificate: reads and judges certificates with what Node has built in. Making them needs a library of 20 MB and is elsewhere
 * (certificate-request.ts, certificate-authority.ts), so that the agent's control process can stay small.
 */
import { X509Certificate } from 'node:crypto'

export type Certificate = {
  /** Upper-case hex, as OpenSSL and Node's TLS write it. */
  serial: string
  notBeforeMs: number
  notAfterMs: number
  /** SHA-256 of the certificate (DER) in lower-case hex: the hash that a join token pins a CA by. */
  fingerprint: string
  /** CN: for a device, its id. */
  commonName: string | undefined
  /** O: for a device, its organisation's id. */
  organisation: string | undefined
  isAuthority: boolean
}

export type CertificateNames = { subject: string; issuer: string; names: string[] }

/** The key that it is for (PEM, SPKI); throws when it is none. */
export const publicKeyOf = (certificate: string): string =>
  new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }).toString()

export type CertificateVerdict =
  | { ok: true; certificate: Certificate }
  | {
      ok: false
      code:
        | 'certificate_malformed'
        | 'certificate_untrusted'
        | 'certificate_expired'
        | 'certificate_too_new'
        | 'certificate_misused'
      message: string
    }

export type CertificatePurpose = 'client' | 'server'

/** [RFC 5280 4.2.1.12] id-kp-serverAuth and id-kp-clientAuth. */
const PURPOSE_OID = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const

/** What a PEM (or DER) certificate says; undefined when it is none. */
export function parseCertificate(certificate: string | Uint8Array): Certificate | undefined {
  const parsed = parse(certificate)
  return parsed && describe(parsed)
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** The certificates in a text, one PEM each. */
export const certificatePemsIn = (text: string): string[] => (text.match(CERTIFICATES) ?? []).map((pem) => `${pem}\n`)

/** The authorities in a text; undefined where there is none, or one is no authority. */
export function authoritiesIn(text: string): Certificate[] | undefined {
  const found = certificatePemsIn(text).map(parseCertificate)
  const authorities = found.filter((each) => each?.isAuthority).filter((each) => each !== undefined)
  return authorities.length > 0 && authorities.length === found.length ? authorities : undefined
}

/** What people compare a certificate by, beside what `parseCertificate` gives; throws when it is none. */
export function describeCertificate(certificate: string | Uint8Array): Certificate & CertificateNames {
  const parsed = new X509Certificate(certificate)
  return {
    ...describe(parsed),
    subject: oneLine(parsed.subject),
    issuer: oneLine(parsed.issuer),
    names: (parsed.subjectAltName ?? '')
      .split(', ')
      .filter((name) => name !== '')
      .map((name) => name.replace(/^(DNS|IP Address):/, '')),
  }
}

/** A subject has a line for each of its parts. */
const oneLine = (name: string | undefined) => (name ?? '').split('\n').join(', ')

/** SHA-256 of the certificate (DER), lower-case hex; throws when it is none. */
export function fingerprintOf(certificate: string | Uint8Array): string {
  return fingerprint(new X509Certificate(certificate))
}

/**
 * Whether the certificate was issued by one of the authorities (PEM), counts now, and is meant for the purpose.
 * It sees one step: chains with intermediates are for TLS itself to judge.
 */
export function verifyCertificate(
  certificate: string | Uint8Array,
  { authorities, purpose, nowMs }: { authorities: readonly string[]; purpose: CertificatePurpose; nowMs: number },
): CertificateVerdict {
  const parsed = parse(certificate)
  if (!parsed) return refuse('certificate_malformed', 'this is not a certificate in PEM or DER')
  const view = describe(parsed)
  const issuerPem = authorities.find((pem) => isIssuedBy(parsed, pem))
  const issuer = issuerPem === undefined ? undefined : new X509Certificate(issuerPem)
  if (!issuer) return refuse('certificate_untrusted', 'the certificate is from another authority; join again')
  for (const { notBeforeMs, notAfterMs } of [view, describe(issuer)]) {
    if (nowMs < notBeforeMs)
      return refuse(
        'certificate_too_new',
        `it is valid from ${at(notBeforeMs)}; check the clock, which shows ${at(nowMs)}`,
      )
    if (nowMs > notAfterMs)
      return refuse('certificate_expired', `it expired at ${at(notAfterMs)}; check the clock, which shows ${at(nowMs)}`)
  }
  if (!parsed.keyUsage?.includes(PURPOSE_OID[purpose])) {
    return refuse('certificate_misused', `the certificate is not meant for a ${purpose}`)
  }
  return { ok: true, certificate: view }
}

/** Whether the authority has signed it; throws when one of them is no certificate. */
export function isIssuedBy(certificate: string | X509Certificate, authorityPem: string): boolean {
  const authority = new X509Certificate(authorityPem)
  const parsed = typeof certificate === 'string' ? new X509Certificate(certificate) : certificate
  return authority.ca && parsed.checkIssued(authority) && parsed.verify(authority.publicKey)
}

function parse(certificate: string | Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(certificate)
  } catch {
    return undefined
  }
}

function describe(parsed: X509Certificate): Certificate {
  return {
    serial: parsed.serialNumber,
    notBeforeMs: parsed.validFromDate.getTime(),
    notAfterMs: parsed.validToDate.getTime(),
    fingerprint: fingerprint(parsed),
    commonName: subjectField(parsed, 'CN'),
    organisation: subjectField(parsed, 'O'),
    isAuthority: parsed.ca,
  }
}

const fingerprint = (parsed: X509Certificate) => parsed.fingerprint256.replaceAll(':', '').toLowerCase()

const subjectField = (parsed: X509Certificate, name: string) =>
  parsed.subject
    ?.split('\n')
    .find((line) => line.startsWith(`${name}=`))
    ?.slice(name.length + 1)

const at = (timeMs: number) => new Date(timeMs).toISOString()

const refuse = (code: Extract<CertificateVerdict, { ok: false }>['code'], message: string): CertificateVerdict => ({
  ok: false,
  code,
  message,
})
