/** Certificate life: when a certificate is valid, and when its owner should request the next one. */

export type CertificateLife = { notBeforeMs: number; notAfterMs: number }

/** A thirtieth of a year spreads a fleet that joined on one day over twelve. */
const JITTER_SHARE = 1 / 30

/**
 * True from two thirds of the certificate's life on, also for expired ones. `jitter`, in [0, 1), adds up to a thirtieth
 * of that life, so that devices that joined together do not renew together. The remaining third is for a device that is
 * mostly offline: it must find the hub while the old certificate still counts.
 */
export function isDueForRenewal({ notBeforeMs, notAfterMs }: CertificateLife, nowMs: number, jitter = 0): boolean {
  const lifeMs = notAfterMs - notBeforeMs
  return nowMs >= notBeforeMs + (lifeMs * 2) / 3 + lifeMs * JITTER_SHARE * jitter
}
