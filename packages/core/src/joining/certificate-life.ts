/** Certificate life: when a certificate counts, and when its owner should ask for the next one. */

export type CertificateLife = { notBeforeMs: number; notAfterMs: number }

/** A thirtieth of a year spreads a fleet that joined on one day over twelve. */
const JITTER_SHARE = 1 / 30

/**
 * True from two thirds of the certificate's life on, expired ones included, and later by `jitter`, which is in [0, 1), of a thirtieth of that life:
 * devices that joined together do not renew together. What is left is the time in which a device that is mostly offline still finds the hub,
 * while the old certificate still counts.
 */
export function isDueForRenewal({ notBeforeMs, notAfterMs }: CertificateLife, nowMs: number, jitter = 0): boolean {
  const lifeMs = notAfterMs - notBeforeMs
  return nowMs >= notBeforeMs + (lifeMs * 2) / 3 + lifeMs * JITTER_SHARE * jitter
}
