/** Certificate life: when a certificate counts, and when its owner should ask for the next one. */

export type CertificateLife = { notBeforeMs: number; notAfterMs: number }

/**
 * True from two thirds of the certificate's life on, expired ones included. The last third is the time in which a device that is
 * mostly offline still finds the hub (notes, fleet.md section 3).
 */
export function isDueForRenewal({ notBeforeMs, notAfterMs }: CertificateLife, nowMs: number): boolean {
  return nowMs >= notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3
}
