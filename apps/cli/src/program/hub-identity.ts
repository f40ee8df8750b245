/**
 * Hub identity: fetches the CA of a hub that is not trusted yet. The CLI sends nothing secret. It trusts nothing in the
 * answer before a person has compared its fingerprint. Afterwards TLS itself checks that the hub has a certificate from
 * that CA.
 */
import { X509Certificate } from 'node:crypto'
import { get } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { NOTICE_CHARACTERS_MAX } from '@skerry/contract/people/user'
import { parseJson } from '@skerry/core/values/parse-json'
import { fingerprintOf } from '@skerry/platform/certificates/certificate'
import * as z from 'zod'
import { exitCodes, Failure } from './failure.ts'

export type FoundHub = {
  caPem: string
  /** SHA-256 of the CA certificate (DER), lower-case hex. */
  fingerprint: string
  /** Whether this machine accepts the hub's certificate without a given CA. */
  isTrusted: boolean
  /** A text that the operator wants people to read before they sign in. */
  notice: string | undefined
}

/** The answer has one certificate and a few words. 64 KiB are far more than that. */
const ANSWER_MAX = 64 * 1024

/** A hub that is up answers in milliseconds. Ten seconds are enough for a bad line. */
const TIMEOUT_MS = 10_000

/** Keeps line ends, but no other control characters of a terminal, because the hub is not trusted yet. */
const plain = (text: string) => text.slice(0, NOTICE_CHARACTERS_MAX).replaceAll(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, '')

const About = z.object({ name: z.literal('skerry'), caPem: z.string(), notice: z.string().transform(plain).optional() })

/** The CA that the hub at this origin reports. */
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
  // `authorized` is the decision of the system. This one request continues in both cases.
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
