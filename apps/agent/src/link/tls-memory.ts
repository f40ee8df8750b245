/**
 * TLS memory: saves work at each connection: reading the certificates, and proving them to a hub that still holds its
 * ticket [RFC 8446 2.2]. The hub checks at each connection that the device is its own, with or without a ticket.
 */
import { type ConnectionOptions, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { systemCode } from '@skerry/platform/files/file-system'
import { type Connected, connectOut } from '@skerry/platform/network/way-out'

export type TlsIdentity = { hub: string; ca: string; certificate: string; privateKey: string }

export type TlsMemory = {
  /**
   * Replaces `tls.connect`. A connection through a proxy is passed to `done` later. Throws if the certificates cannot be
   * read.
   */
  connect(identity: TlsIdentity, options: ConnectionOptions, done?: Connected): TLSSocket | undefined
}

type Kept = { identity: TlsIdentity; context: SecureContext; session: Buffer | undefined }

/** At the start it remembers nothing. */
export function createTlsMemory(): TlsMemory {
  let kept: Kept | undefined
  return {
    connect(identity, options, done) {
      // A ticket is for one certificate at one hub. A renewed certificate is proved again.
      const memory: Kept = kept && isSame(kept.identity, identity) ? kept : newMemory(identity)
      kept = memory
      const { servername: _known, ...others } = options
      const remembered = { ...others, secureContext: memory.context, session: memory.session }
      return connectOut(remembered, done, (socket) => followSession(socket, memory))
    },
  }
}

function followSession(socket: TLSSocket, memory: Kept): void {
  socket.on('session', (session) => {
    memory.session = session
  })
  // After a failed handshake, the next one must not fail because of an old ticket. A hub that is away is no reason
  // to forget it.
  socket.once('error', (error) => {
    if (systemCode(error)?.startsWith('ERR_SSL_')) memory.session = undefined
  })
}

const isSame = (one: TlsIdentity, other: TlsIdentity) =>
  one.hub === other.hub && one.ca === other.ca && one.certificate === other.certificate

function newMemory(identity: TlsIdentity): Kept {
  const { ca, certificate, privateKey } = identity
  const context = createSecureContext({ ca, cert: certificate, key: privateKey, minVersion: 'TLSv1.3' })
  return { identity, context, session: undefined }
}
