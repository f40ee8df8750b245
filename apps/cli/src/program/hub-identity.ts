/**
 * Hub identity: asks a hub that is not trusted yet which CA it belongs to. Nothing secret is sent, and nothing of the answer is
 * believed before its fingerprint has been compared; afterwards TLS itself checks that the hub has a certificate from that CA.
 */
import { X509Certificate } from 'node:crypto'
import { get } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { parseJson } from '@skerry/client/connection'
import { NOTICE_CHARACTERS_MAX } from '@skerry/contract/people/user'
import { fingerprintOf } from '@skerry/platform/certificates/certificate'
import * as z from 'zod'
import { exitCodes, Failure } from './failure.ts'

export type FoundHub = {
  caPem: string
  /** SHA-256 of the CA certificate (DER), lower-case hex. */
  fingerprint: string
  /** Whether this machine accepts the hub's certificate without being told about the CA. */
  isTrusted: boolean
  /** What whoever runs it wants read before anybody signs in. */
  notice: string | undefined
}

/** The answer holds one certificate and a few words; 64 KiB are far more. */
const ANSWER_MAX = 64 * 1024

/** A hub that is there answers in milliseconds; ten seconds are patience enough for a bad line. */
const TIMEOUT_MS = 10_000

/** Line ends, and nothing else that steers a terminal: the hub is not believed yet. */
const plain = (text: string) => text.slice(0, NOTICE_CHARACTERS_MAX).replaceAll(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, '')

const About = z.object({ name: z.literal('skerry'), caPem: z.string(), notice: z.string().transform(plain).optional() })

/** Which CA the hub at this origin says it belongs to. */
export async function findHub(origin: string, signal: AbortSignal): Promise<FoundHub> {
  const { body, isTrusted } = await ask(
    new URL('/v1/about', origin),
    AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  )
  const about = About.safeParse(parseJson(body))
  if (!about.success || !isCertificate(about.data.caPem)) {
    throw new Failure({
      code: 'answer_invalid',
      message: `the server at ${origin} is not a hub`,
      next: 'check the address',
      exitCode: exitCodes.unreachable,
    })
  }
  const { caPem, notice } = about.data
  return { caPem, fingerprint: fingerprintOf(caPem), isTrusted, notice }
}

function ask(url: URL, signal: AbortSignal): Promise<{ body: string; isTrusted: boolean }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ body: string; isTrusted: boolean }>()
  // `authorized` says what the system would have decided; this one request goes on either way.
  const request = get(url, { rejectUnauthorized: false, agent: false, signal }, (response) => {
    const isTrusted = (response.socket as TLSSocket).authorized
    const chunks: Buffer[] = []
    let sizeBytes = 0
    response.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length
      if (sizeBytes > ANSWER_MAX) response.destroy(new Error('the answer is too long for a hub'))
      chunks.push(chunk)
    })
    response.on('error', reject)
    response.on('end', () => resolve({ body: Buffer.concat(chunks).toString('utf8'), isTrusted }))
  })
  request.on('error', reject)
  return promise
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
