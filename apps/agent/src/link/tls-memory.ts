/**
 * TLS memory: what a device need not do anew at each connection: read its certificates, and prove them to a hub that still holds the ticket
 * it gave [RFC 8446 2.2]. The hub looks at each connection whether the device is still one of its own, ticket or not.
 */
import { isIP } from 'node:net'
import { type ConnectionOptions, connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { systemCode } from '@skerry/platform/files/file-system'

export type TlsIdentity = { hub: string; ca: string; certificate: string; privateKey: string }

export type TlsMemory = {
  /** In place of `tls.connect`. Throws where the certificates cannot be read. */
  connect(identity: TlsIdentity, options: ConnectionOptions): TLSSocket
}

type Kept = { identity: TlsIdentity; context: SecureContext; session: Buffer | undefined }

/** Remembers nothing yet. */
export function createTlsMemory(): TlsMemory {
  let kept: Kept | undefined
  return {
    connect(identity, options) {
      // A ticket stands for one certificate at one hub: a renewed one is proved anew.
      const memory: Kept = kept && isSame(kept.identity, identity) ? kept : newMemory(identity)
      kept = memory
      const { host = '' } = options
      const socket = connect({
        ...options,
        path: undefined,
        servername: isIP(host) ? '' : host,
        secureContext: memory.context,
        session: memory.session,
      })
      socket.on('session', (session) => {
        memory.session = session
      })
      // Whatever was wrong with the handshake, the next one shall not fail for an old ticket. A hub that is away is no reason to forget it.
      socket.once('error', (error) => {
        if (systemCode(error)?.startsWith('ERR_SSL_')) memory.session = undefined
      })
      return socket
    },
  }
}

const isSame = (one: TlsIdentity, other: TlsIdentity) =>
  one.hub === other.hub && one.ca === other.ca && one.certificate === other.certificate

function newMemory(identity: TlsIdentity): Kept {
  const { ca, certificate, privateKey } = identity
  const context = createSecureContext({ ca, cert: certificate, key: privateKey, minVersion: 'TLSv1.3' })
  return { identity, context, session: undefined }
}
