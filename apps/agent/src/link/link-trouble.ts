/** Link trouble: what a refused or broken link says about this device. A hub that cannot be reached is no condition: it hears of none. */
import type { Cause } from '@skerry/contract/devices/item'
import { type Certificate, parseCertificate } from '@skerry/platform/certificates/certificate'

/** The conditions that this module names; a link that works clears them. */
export const LINK_CONDITIONS = [
  'clock_wrong',
  'certificate_expired',
  'certificate_refused',
  'hub_certificate_refused',
  'hub_unproved',
  'device_revoked',
  'organisation_disabled',
  'identity_duplicated',
] as const

/** Clocks of devices without a battery drift by minutes, and certificates count from an hour before they are made. */
export const CLOCK_SLACK_MS = 3_600_000

/** Error codes of the hub that are about this device's certificate. */
const CERTIFICATE_CODES = ['certificate_missing', 'certificate_invalid']

/** What to tell, if the device itself is the trouble. */
export function linkTrouble(
  { code, message }: { code: string; message: string },
  certificatePem: string,
  nowMs: number,
): Cause | undefined {
  // The hub's clock counts, whatever this device's says.
  if (code === 'certificate_lapsed') {
    return { code: 'certificate_expired', message: `${message}; the device requests a new certificate from the hub` }
  }
  if (code === 'hub_unproved') return { code, message: `${message}; the device ignores this hub` }
  if (code === 'device_duplicated') return { code: 'identity_duplicated', message }
  const own = ownTrouble(parseCertificate(certificatePem), nowMs)
  if (own) return own
  const now = new Date(nowMs).toISOString()
  if (code === 'device_revoked' || code === 'organisation_disabled') return { code, message }
  if (code === 'CERT_NOT_YET_VALID') {
    return {
      code: 'clock_wrong',
      message: `the certificate of the hub is not valid yet at ${now}, the time of this device; set the clock`,
    }
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return {
      code: 'hub_certificate_refused',
      message: `the certificate of the hub has expired at ${now}, the time of this device; check the clock`,
    }
  }
  // OpenSSL: an alert is the other side's word about us, a verification result is our own about it.
  if (CERTIFICATE_CODES.includes(code) || /ALERT.*CERT|ALERT_UNKNOWN_CA|ALERT_ACCESS_DENIED/.test(code)) {
    return {
      code: 'certificate_refused',
      message: `the hub rejects the certificate of this device (${message}); join the device again`,
    }
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME/.test(code)) {
    return {
      code: 'hub_certificate_refused',
      message: `the server that answers is not the hub that this device joined (${message})`,
    }
  }
  return undefined
}

function ownTrouble(certificate: Certificate | undefined, nowMs: number): Cause | undefined {
  if (!certificate)
    return { code: 'certificate_refused', message: 'the certificate on disk cannot be read; join the device again' }
  const now = new Date(nowMs).toISOString()
  if (nowMs < certificate.notBeforeMs) {
    return {
      code: 'clock_wrong',
      message: `the clock shows ${now}, a time before the certificate of this device was created; set the clock`,
    }
  }
  if (nowMs <= certificate.notAfterMs) return undefined
  const end = new Date(certificate.notAfterMs).toISOString()
  return {
    code: 'certificate_expired',
    message: `the certificate expired at ${end}, and the clock shows ${now}; set the clock, or join the device again`,
  }
}
