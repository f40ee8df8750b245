/** Renewal: a new certificate for the device's key, asked over the link from two thirds of the old one's life on. */
import { createPublicKey, X509Certificate } from 'node:crypto'
import { backoffMs } from '@skerry/core/backoff'
import { isDueForRenewal } from '@skerry/core/certificate-life'
import { parseCertificate } from '@skerry/platform/certificate'
import type { Clock } from '@skerry/platform/clock'
import type { Log } from '@skerry/platform/log'
import type { Conditions } from '../conditions.ts'
import type { LinkClient } from '../link/link-connection.ts'
import { requestCertificate } from './certificate-request.ts'
import type { Identity, IdentityFolder } from './identity.ts'

export type Renewal = {
  /** True when there is a new certificate: connect anew with it. */
  renewIfDue(client: Pick<LinkClient, 'renew'>, signal: AbortSignal): Promise<boolean>
}

export type RenewalDeps = {
  clock: Clock
  random: () => number
  log: Log
  conditions: Conditions
  folder: IdentityFolder
  privateKey: string
  identity(): Identity
  /** The identity has changed, and is on disk. */
  onIdentity(identity: Identity): void
}

/** A third of a life is months: a day between the last tries spares the hub and still leaves a hundred of them. */
const BACKOFF = { baseMs: 60_000, maxMs: 86_400_000 }

/** A thirtieth of a year spreads a fleet that joined on one day over twelve. */
const JITTER_SHARE = 1 / 30

/** Draws the jitter of this start. */
export function createRenewal(deps: RenewalDeps): Renewal {
  const jitter = deps.random()
  let failures = 0
  let notBeforeMs = 0
  return {
    async renewIfDue(client, signal) {
      const { clock, random, conditions, log } = deps
      if (clock.monotonicMs() < notBeforeMs || !isDue(deps.identity(), clock.nowMs(), jitter)) return false
      const renewed = await renew(deps, client, signal).catch((error: unknown) => {
        signal.throwIfAborted()
        return { ok: false as const, message: error instanceof Error ? error.message : String(error) }
      })
      if (!renewed.ok) {
        notBeforeMs = clock.monotonicMs() + backoffMs(failures++, BACKOFF, 0.5 + random() / 2)
        conditions.raise({
          code: 'renewal_failed',
          message: `the certificate could not be renewed: ${renewed.message}`.slice(0, 1_000),
        })
        return false
      }
      failures = 0
      conditions.clear('renewal_failed')
      log.info('certificate_renewed', { notAfterMs: renewed.notAfterMs })
      return true
    },
  }
}

function isDue({ certificate }: Identity, nowMs: number, jitter: number): boolean {
  const life = parseCertificate(certificate)
  if (!life) return false
  return isDueForRenewal(life, nowMs - (life.notAfterMs - life.notBeforeMs) * JITTER_SHARE * jitter)
}

async function renew(
  { folder, privateKey, identity, onIdentity }: RenewalDeps,
  client: Pick<LinkClient, 'renew'>,
  signal: AbortSignal,
) {
  const csr = await requestCertificate(privateKey, signal)
  const { certificate } = await client.renew({ csr }, { signal })
  const parsed = parseCertificate(certificate)
  if (parsed?.commonName !== identity().deviceId || !isFor(certificate, privateKey)) {
    return { ok: false as const, message: 'the hub answered with a certificate for another device or key' }
  }
  const next = { ...identity(), certificate }
  await folder.write(next)
  onIdentity(next)
  return { ok: true as const, notAfterMs: parsed.notAfterMs }
}

const isFor = (certificate: string, privateKey: string) =>
  new X509Certificate(certificate).publicKey.equals(createPublicKey(privateKey))
