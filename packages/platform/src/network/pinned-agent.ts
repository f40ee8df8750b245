/**
 * Pinned agent: connections to the one server that has a known key. They are direct: such a server is on the same site,
 * and a proxy is the way out of the site. A request is sent only after the server has shown its key.
 */
import { X509Certificate } from 'node:crypto'
import { Agent, type AgentOptions } from 'node:https'
import { isIP } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { hashPublicKey } from '../certificates/public-key-hash.ts'
import type { Connected } from './way-out.ts'

/** The code of the error if another server answers. */
const OTHER_SERVER = 'OTHER_SERVER_CERT'

/** No authority counts, and no name. `serverKey`: the hash of the public key of the server. */
export function pinnedAgent(options: AgentOptions, serverKey: string, idleTimeoutMs: number): Agent {
  // A resumed session shows no certificate, so each connection is a new one.
  const agent = new Agent({ ...options, rejectUnauthorized: false, maxCachedSessions: 0 })
  agent.createConnection = (wanted, done) => {
    connectPinned(wanted as ConnectionOptions, { serverKey, idleTimeoutMs }, done as Connected)
    return undefined
  }
  return agent
}

function connectPinned(
  given: ConnectionOptions,
  { serverKey, idleTimeoutMs }: { serverKey: string; idleTimeoutMs: number },
  done: Connected,
): void {
  const { host = '', servername = isIP(host) ? '' : host } = given
  const socket = connect({ ...given, path: undefined, servername })
  const stop = () =>
    socket.destroy(Object.assign(new Error('the server did not answer in time'), { code: 'ETIMEDOUT' }))
  socket.setTimeout(idleTimeoutMs, stop)
  socket.once('error', done)
  socket.once('secureConnect', () => {
    if (!hasKey(socket, serverKey)) {
      return socket.destroy(Object.assign(new Error('another server answers there'), { code: OTHER_SERVER }))
    }
    // The pool listens to errors only from its next turn.
    socket.on('error', () => undefined)
    socket.off('error', done).setTimeout(0).off('timeout', stop)
    done(null, socket)
  })
}

function hasKey(socket: TLSSocket, serverKey: string): boolean {
  const shown = socket.getPeerCertificate().raw
  return shown !== undefined && hashPublicKey(new X509Certificate(shown).publicKey) === serverKey
}
