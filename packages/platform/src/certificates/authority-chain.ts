/**
 * Authority chain: whether certificates that somebody else has signed make a key of ours an authority: ours first, then whoever signed it, up to
 * one that signs itself. What can be said in words is said first; then a handshake on a pair of pipes asks OpenSSL, which every client asks later, too.
 */
import 'reflect-metadata'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { type Duplex, duplexPair } from 'node:stream'
import { connect, createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, X509Certificate as Read } from '@peculiar/x509'
import { certificatePemsIn } from './certificate.ts'
import { type Credentials, issueHubCertificate, issueServerCertificate } from './certificate-authority.ts'

export type ChainVerdict = { ok: true; chain: readonly [string, ...string[]] } | { ok: false; message: string }

/** Root, two between, and ours are long already; each is one more that every handshake carries. */
const CHAIN_MAX = 6

/** Less is not worth the change. */
const LIFE_MIN_MS = 30 * 86_400_000

/** Judges the certificates (PEM, in any order). `privateKeyPem` is of the key that the first is for; it signs the trial's certificates. */
export async function judgeChain(
  text: string,
  { privateKeyPem, nowMs, handshakeMs }: { privateKeyPem: string; nowMs: number; handshakeMs: number },
): Promise<ChainVerdict> {
  const found = certificatePemsIn(text).map(read)
  if (found.length === 0) return refuse('there is no certificate in PEM')
  if (found.includes(undefined)) return refuse('one of the certificates cannot be read')
  const certificates = found.filter((each) => each !== undefined)
  const ordered = order(certificates, privateKeyPem)
  if (!Array.isArray(ordered)) return ordered
  const trouble = ordered.map((each, below) => troubleWith(each, below, nowMs)).find((each) => each !== undefined)
  if (trouble !== undefined) return refuse(trouble)
  const chain = ordered.map((each) => each.toString()) as [string, ...string[]]
  const tried = await tryChain(chain, { privateKeyPem, nowMs, handshakeMs })
  return tried === undefined
    ? { ok: true, chain }
    : refuse(`OpenSSL rejects the certificates that it would sign: ${tried}`)
}

/** Ours, whoever signed it, and so on to the root. */
function order(certificates: readonly X509Certificate[], privateKeyPem: string): X509Certificate[] | Refusal {
  const key = createPublicKey(privateKeyPem)
  const own = certificates.find(({ publicKey }) => publicKey.equals(key))
  if (!own) return refuse('none of the certificates is for the key of the request; check that this request was signed')
  const chain = [own]
  for (let last = own; !isSelfSigned(last); ) {
    const issuer = certificates.find((each) => each !== last && last.checkIssued(each) && last.verify(each.publicKey))
    if (!issuer)
      return refuse(`the certificate of ${nameOf(last.issuer)} is missing; import the whole chain, including the root`)
    if (chain.length >= CHAIN_MAX) return refuse(`the chain has more than ${CHAIN_MAX} certificates`)
    chain.push(issuer)
    last = issuer
  }
  return chain
}

/** `below`: how many authorities stand under it. */
function troubleWith(certificate: X509Certificate, below: number, nowMs: number): string | undefined {
  const name = nameOf(certificate.subject)
  const { isAuthority, pathLength, signs } = constraintsOf(certificate)
  if (!isAuthority) return `${name} is not an authority (basicConstraints CA:TRUE); have it signed as one`
  if (pathLength !== undefined && pathLength < below)
    return `${name} allows ${pathLength} authorities below it, and has ${below}`
  if (!signs) return `${name} may not sign certificates (keyUsage keyCertSign)`
  if (nowMs < certificate.validFromDate.getTime())
    return `${name} is valid only from ${certificate.validFromDate.toISOString()}`
  const end = certificate.validToDate
  if (nowMs + LIFE_MIN_MS > end.getTime())
    return `${name} ends at ${end.toISOString()}, which is less than 30 days away`
  return undefined
}

function constraintsOf(certificate: X509Certificate) {
  const parsed = new Read(certificate.raw)
  const usage = parsed.getExtension(KeyUsagesExtension)
  const constraints = parsed.getExtension(BasicConstraintsExtension)
  return {
    isAuthority: constraints?.ca === true,
    pathLength: constraints?.pathLength,
    // [RFC 5280 4.2.1.3] Absent, it restricts nothing.
    signs: !usage || (usage.usages & KeyUsageFlags.keyCertSign) !== 0,
  }
}

type Trial = { privateKeyPem: string; nowMs: number; handshakeMs: number }

/** A hub and a device of the authority meet, each of which trusts the root only: names, purposes, algorithms, all that OpenSSL judges. */
async function tryChain(
  chain: readonly [string, ...string[]],
  { privateKeyPem, nowMs, handshakeMs }: Trial,
): Promise<string | undefined> {
  const authority: Credentials = { certificatePem: chain[0], privateKeyPem }
  const server = await issueServerCertificate(authority, { names: ['localhost'], nowMs })
  const device = await issueHubCertificate(authority, { hubId: 'trial', nowMs })
  const contextOf = ({ certificatePem, privateKeyPem: key }: Credentials) =>
    createSecureContext({ cert: certificatePem + chain.join(''), key, ca: chain.at(-1) ?? '', minVersion: 'TLSv1.3' })
  const [near, far] = duplexPair()
  return meet({ end: near, context: contextOf(server) }, { end: far, context: contextOf(device) }, handshakeMs)
}

type Side = { end: Duplex; context: SecureContext }

async function meet(server: Side, client: Side, handshakeMs: number): Promise<string | undefined> {
  const options = { requestCert: true, rejectUnauthorized: false }
  // [node:tls] A TLSSocket speaks over any stream; the types name a socket of the network only.
  const socketOn = (end: Duplex) => end as ConstructorParameters<typeof TLSSocket>[0]
  const one = new TLSSocket(socketOn(server.end), { ...options, isServer: true, secureContext: server.context })
  const other = connect({ socket: client.end, rejectUnauthorized: false, secureContext: client.context })
  try {
    return await new Promise<string | undefined>((resolve) => {
      const late = setTimeout(() => resolve('the handshake did not end in time'), handshakeMs)
      const say = (trouble: string | undefined) => {
        clearTimeout(late)
        resolve(trouble)
      }
      for (const each of [one, other]) each.on('error', ({ message }) => say(message))
      // The server's side is the last to know.
      one.on('secure', () => say(verdictOf(one) ?? verdictOf(other)))
    })
  } finally {
    one.destroy()
    other.destroy()
  }
}

/** [node:tls, internal] The verdict of OpenSSL, without that anything is refused for it. */
function verdictOf(socket: TLSSocket): string | undefined {
  const { ssl } = socket as unknown as { ssl?: { verifyError(): Error | null } }
  return ssl?.verifyError()?.message
}

const isSelfSigned = (certificate: X509Certificate) =>
  certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey)

const nameOf = (name: string | undefined) => (name ?? '').split('\n').join(', ')

function read(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

type Refusal = Extract<ChainVerdict, { ok: false }>

const refuse = (message: string): Refusal => ({ ok: false, message })
