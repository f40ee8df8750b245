/** Hub config: the hub's description of itself. Certificates change while it runs, so they are read at each use. */
import { certificatePemsIn, fingerprintOf, parseCertificate } from '@skerry/platform/certificates/certificate'
import type { Authorities } from '../authorities/authorities.ts'
import type { HubConfig } from '../hub.ts'
import { HUB_VERSION } from '../version.ts'
import type { ServerCertificate } from './server-certificate.ts'

type Parts = Pick<
  HubConfig,
  | 'publicUrl'
  | 'listen'
  | 'separateBatchKeys'
  | 'notice'
  | 'catalogues'
  | 'git'
  | 'servedCatalogues'
  | 'ddiUrl'
  | 'registryUrl'
> & {
  authorities: Authorities
  serverCertificate: ServerCertificate
}

export const hubConfig = ({ authorities, serverCertificate, ...said }: Parts): HubConfig => ({
  version: HUB_VERSION,
  ...said,
  get caPem() {
    return authorities.pinned()
  },
  get caFingerprint() {
    return fingerprintOf(authorities.pinned())
  },
  get serverCertificatePem() {
    return serverCertificate.current().certificatePem
  },
  get certificateNotAfterMs() {
    return serverCertificate.notAfterMs()
  },
  get authorityNotAfterMs() {
    return firstEnd([...authorities.active().chain, ...certificatePemsIn(authorities.pinned())])
  },
})

/** The certificate that ends first makes the others useless. */
function firstEnd(certificates: readonly string[]): number | undefined {
  const ends = certificates.map((pem) => parseCertificate(pem)?.notAfterMs).filter((each) => each !== undefined)
  return ends.length === 0 ? undefined : Math.min(...ends)
}
