/**
 * Server certificate: what the hub shows to whoever connects. It is looked at while the hub runs: one of the hub's own is renewed when it is
 * due, one of the customer's is read anew when its files have changed. Connections that are open go on with the one that they began with.
 */
import { parseCertificate } from '@skerry/platform/certificates/certificate'
import type { Credentials } from '@skerry/platform/certificates/certificate-authority'
import type { Log } from '@skerry/platform/process/log'

export type ServerCertificate = {
  current(): Credentials
  /** When it ends; undefined where it cannot be read. */
  notAfterMs(): number | undefined
  /** Calls the work with each certificate that comes. */
  onChange(work: (credentials: Credentials) => void): void
  /** Looks whether there is another one to serve with; true where there was. */
  look(): Promise<boolean>
}

/** `read` gives the one that is to be served with now; nothing where what is there cannot be used. */
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
