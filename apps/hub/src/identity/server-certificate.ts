/**
 * Server certificate: the certificate that the hub shows to its clients. The hub checks it at intervals. It renews its
 * own one when it is due, and reads the customer's one again when the files have changed. Open connections keep the
 * certificate with which they began.
 */
import { parseCertificate } from '@skerry/platform/certificates/certificate'
import type { Credentials } from '@skerry/platform/certificates/certificate-authority'
import type { Log } from '@skerry/platform/process/log'

export type ServerCertificate = {
  current(): Credentials
  /** The end of its validity; undefined if it cannot be read. */
  notAfterMs(): number | undefined
  /** Calls the listener with each new certificate. */
  onChange(work: (credentials: Credentials) => void): void
  /** Checks for a new certificate; true if there is one. */
  look(): Promise<boolean>
}

/** `read` returns the certificate to serve with now; undefined if the present files are unusable. */
export async function openServerCertificate(
  read: () => Promise<Credentials | undefined>,
  log: Log,
): Promise<ServerCertificate> {
  const first = await read()
  if (!first) throw new Error('there is no certificate to serve with')
  let current = first
  const works: ((credentials: Credentials) => void)[] = []
  const notAfterMs = () => parseCertificate(current.certificatePem)?.notAfterMs
  return {
    current: () => current,
    notAfterMs,
    onChange: (work) => void works.push(work),
    async look() {
      const next = await read()
      if (!next || next.certificatePem === current.certificatePem) return false
      current = next
      for (const work of works) work(next)
      log.info('server_certificate_changed', { notAfterMs: notAfterMs() })
      return true
    },
  }
}
