/** Renewal: a new certificate for the device's key, asked over the link from two thirds of the old one's life on. */
import { createPublicKey, X509Certificate } from 'node:crypto'
import { type CertificateReply, RejoinReply, type RejoinRequest } from '@skerry/contract/joining/join'
import { isDueForRenewal } from '@skerry/core/joining/certificate-life'
import { backoffMs } from '@skerry/core/values/backoff'
import { parseCertificate } from '@skerry/platform/certificates/certificate'
import { certificateReplyProblem } from '@skerry/platform/certificates/certificate-reply'
import { openHttpsClient } from '@skerry/platform/network/https-client'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'
import { reasonIn } from '../hub/hub-reason.ts'
import { type LinkClient, waitIn } from '../link/signed-streams.ts'
import { requestCertificate } from './certificate-request.ts'
import type { Identity } from './identity.ts'

export type Renewal = {
  /** True when there is a new certificate: connect anew with it. */
  renewIfDue(client: Pick<LinkClient, 'renew'>, signal: AbortSignal): Promise<boolean>
  /** Has the next look find it due; gives the end of the new certificate. Rejects where there is none, or when aborted. */
  renewNow(signal: AbortSignal): Promise<number>
  /** Asks for a new certificate when the hub says that the old one has ended: by the key, without a link. */
  rejoin(signal: AbortSignal): Promise<void>
}

export type RenewalDeps = {
  clock: Clock
  random: () => number
  log: Log
  conditions: Conditions
  privateKey: string
  identity(): Identity
  /** From now on the identity is so, and is on disk. */
  change(part: Pick<Identity, 'certificate'>): Promise<void>
}

/** A third of a life is months: a day between the last tries spares the hub and still leaves a hundred of them. */
const BACKOFF = { baseMs: 60_000, maxMs: 86_400_000 }

/** Draws the jitter of this start. */
export function createRenewal(deps: RenewalDeps): Renewal {
  const jitter = deps.random()
  let failures = 0
  let notBeforeMs = 0
  let asked: PromiseWithResolvers<number>[] = []
  return {
    renewNow(signal) {
      const asking = Promise.withResolvers<number>()
      asked.push(asking)
      signal.addEventListener('abort', () => asking.reject(signal.reason), { once: true })
      return asking.promise
    },
    async rejoin(signal) {
      const rejoined = await askAnew(deps, signal).catch((error: unknown) => {
        signal.throwIfAborted()
        return { ok: false as const, message: error instanceof Error ? error.message : String(error) }
      })
      if (rejoined.ok) {
        deps.conditions.clear('renewal_failed')
        return deps.log.info('certificate_renewed', { notAfterMs: rejoined.notAfterMs })
      }
      const message = `the certificate has expired and could not be renewed: ${rejoined.message}`.slice(0, 1_000)
      deps.conditions.raise({ code: 'renewal_failed', message })
    },
    async renewIfDue(client, signal) {
      const { clock, random, conditions, log } = deps
      const isWanted = clock.monotonicMs() >= notBeforeMs && isDue(deps.identity(), clock.nowMs(), jitter)
      if (!isWanted && asked.length === 0) return false
      const renewed = await renew(deps, client, signal).catch((error: unknown) => {
        signal.throwIfAborted()
        const message = error instanceof Error ? error.message : String(error)
        return { ok: false as const, message, waitMs: waitIn(error) }
      })
      const askers = asked
      asked = []
      if (!renewed.ok) {
        for (const { reject } of askers) reject(new Error(renewed.message))
        const waitMs = 'waitMs' in renewed ? renewed.waitMs : undefined
        notBeforeMs = clock.monotonicMs() + Math.max(waitMs ?? 0, backoffMs(failures++, BACKOFF, 0.5 + random() / 2))
        conditions.raise({
          code: 'renewal_failed',
          message: `the certificate could not be renewed: ${renewed.message}`.slice(0, 1_000),
        })
        return false
      }
      failures = 0
      conditions.clear('renewal_failed')
      for (const { resolve } of askers) resolve(renewed.notAfterMs)
      log.info('certificate_renewed', { notAfterMs: renewed.notAfterMs })
      return true
    },
  }
}

function isDue({ certificate }: Identity, nowMs: number, jitter: number): boolean {
  const life = parseCertificate(certificate)
  return life !== undefined && isDueForRenewal(life, nowMs, jitter)
}

async function renew(deps: RenewalDeps, client: Pick<LinkClient, 'renew'>, signal: AbortSignal) {
  const csr = await requestCertificate(deps.privateKey, signal)
  return adopt(deps, csr, await client.renew({ csr }, { signal }))
}

/** The same by HTTPS: a hub takes no link whose certificate has ended. */
async function askAnew(deps: RenewalDeps, signal: AbortSignal) {
  const { hub, ca, certificate } = deps.identity()
  const body: RejoinRequest = { certificate, csr: await requestCertificate(deps.privateKey, signal) }
  using client = openHttpsClient({ authorities: [ca] })
  const answer = await client.sendJson({ method: 'POST', url: new URL('/v1/rejoin', hub).href, body }, signal)
  if (!answer.ok) return { ok: false as const, message: reasonIn(answer.body)?.message ?? answer.message }
  const reply = RejoinReply.safeParse(answer.body)
  if (!reply.success) return { ok: false as const, message: 'this agent cannot read the answer of the hub' }
  return adopt(deps, body.csr, reply.data)
}

/** The hub's signature comes first: without it, a thief of the TLS key could replace the certificate by one that no hub takes. */
async function adopt({ privateKey, identity, change }: RenewalDeps, csr: string, reply: CertificateReply) {
  const problem = certificateReplyProblem(csr, reply, identity().trustedKeys)
  if (problem !== undefined) return { ok: false as const, message: problem }
  const { certificate } = reply
  const parsed = parseCertificate(certificate)
  if (parsed?.commonName !== identity().deviceId || !isFor(certificate, privateKey)) {
    return { ok: false as const, message: 'the hub answered with a certificate for another device or key' }
  }
  await change({ certificate })
  return { ok: true as const, notAfterMs: parsed.notAfterMs }
}

const isFor = (certificate: string, privateKey: string) =>
  new X509Certificate(certificate).publicKey.equals(createPublicKey(privateKey))
