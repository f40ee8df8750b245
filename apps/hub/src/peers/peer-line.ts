/**
 * Peer line: connections of this hub to another hub of the same database. Both sides prove their identity. This hub
 * shows a certificate of the authority that only hubs get. The other shows the certificate whose digest is in the
 * database beside its address. So the host name does not matter, nor the authority of the certificate for people.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent, request as startRequest } from 'node:https'
import { type Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Credentials, issueHubCertificate } from '@skerry/platform/certificates/certificate-authority'
import type { Clock } from '@skerry/platform/process/clock'
import type { Member } from '../cluster/attendance.ts'

/** The hub that is meant. A different hub at its address must not accept the request. */
export const PEER_HEADER = 'skerry-hub'

export type PeerRequest = {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  headers?: Record<string, string>
  /** Bytes with their length; sent as fast as the other hub takes them. */
  content?: { length: number; stream: Readable }
  /**
   * Use a separate connection for a request that must not be sent twice. Otherwise the connection is kept, and a
   * request that met its end is sent again.
   */
  isOnce: boolean
}

export type PeerAnswer =
  | { ok: true; status: number; headers: IncomingHttpHeaders; stream: IncomingMessage }
  /** `wasSent`: the other hub may have received it. */
  | { ok: false; wasSent: boolean; message: string }

export type PeerLine = Disposable & {
  /** Any answer is `ok`; read or destroy its stream. The signal counts until the stream has ended. */
  send(member: Member, request: PeerRequest, signal: AbortSignal): Promise<PeerAnswer>
  /** Opens a connection that belongs to another protocol once the other hub has agreed. */
  upgrade(
    member: Member,
    request: { path: string; headers: Record<string, string> },
    signal: AbortSignal,
  ): Promise<PeerUpgrade>
}

export type PeerUpgrade =
  | { ok: true; answer: IncomingMessage; socket: Duplex; head: Buffer }
  | { ok: false; message: string }

export type PeerLineDeps = {
  hubId: string
  /** The authority that signs the certificates between hubs. */
  authority: () => Credentials
  /** PEM of all authorities that may have signed a hub's certificate. */
  serverAuthorities: () => readonly string[]
  clock: Pick<Clock, 'nowMs'>
}

/**
 * Hubs are near each other, but may be busy for seconds with a large body. A hub that does not answer by then has
 * another address, or is behind a firewall.
 */
const CONNECT_MS = 5_000

/** The life of the certificate: a week. That allows for clocks that differ, and for hubs that restart at times. */
const RENEW_MS = 86_400_000

/** A longer pause between two requests is rare, and a connection costs the other hub some 40 kB. */
const IDLE_MS = 30_000

type Lines = { kept: Agent; once: Agent; openedAtMs: number }

/** Creates the line; it opens connections when they are needed. */
export function createPeerLine({ hubId, authority, serverAuthorities, clock }: PeerLineDeps): PeerLine {
  const lines = new Map<string, Lines>()
  let proof: { credentials: Promise<Credentials>; madeAtMs: number } | undefined
  const credentials = (nowMs: number) => {
    if (!proof || nowMs - proof.madeAtMs > RENEW_MS)
      proof = { credentials: issueHubCertificate(authority(), { hubId, nowMs }), madeAtMs: nowMs }
    return proof.credentials
  }
  const close = ({ kept, once }: Lines) => {
    kept.destroy()
    once.destroy()
  }
  const linesTo = async ({ url, certificateFingerprint }: Member): Promise<Lines> => {
    const nowMs = clock.nowMs()
    const key = `${url} ${certificateFingerprint}`
    const open = lines.get(key)
    if (open && nowMs - open.openedAtMs <= RENEW_MS) return open
    // Open requests on the old connection end by themselves.
    lines.delete(key)
    const { certificatePem, privateKeyPem } = await credentials(nowMs)
    const tls = {
      ca: [...serverAuthorities()],
      cert: certificatePem,
      key: privateKeyPem,
      minVersion: 'TLSv1.3' as const,
      checkServerIdentity: (_name: string, shown: { fingerprint256: string }) => isIt(certificateFingerprint, shown),
      maxCachedSessions: 0,
    }
    const made = {
      kept: new Agent({ ...tls, keepAlive: true, timeout: IDLE_MS }),
      once: new Agent(tls),
      openedAtMs: nowMs,
    }
    lines.set(key, made)
    return made
  }
  return {
    async send(member, request, signal) {
      signal.throwIfAborted()
      const { kept, once } = await linesTo(member)
      return exchange({ member, request, agent: request.isOnce ? once : kept }, signal)
    },
    async upgrade(member, request, signal) {
      signal.throwIfAborted()
      const { once } = await linesTo(member)
      return upgradeAt({ member, agent: once, ...request }, signal)
    },
    [Symbol.dispose]() {
      for (const each of lines.values()) close(each)
    },
  }
}

function isIt(fingerprint: string, { fingerprint256 }: { fingerprint256: string }): Error | undefined {
  if (fingerprint256.replaceAll(':', '').toLowerCase() === fingerprint) return undefined
  return new Error('another program answers there')
}

type Exchange = { member: Member; request: PeerRequest; agent: Agent }

async function exchange(line: Exchange, signal: AbortSignal): Promise<PeerAnswer> {
  const { member, agent } = line
  const { method, path, headers = {}, content, isOnce } = line.request
  const about = {
    ...headers,
    [PEER_HEADER]: member.hubId,
    ...(content && { 'content-type': 'application/octet-stream', 'content-length': String(content.length) }),
  }
  let wasSent = false
  let isStale = false
  try {
    const stream = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = startRequest(`${member.url}${path}`, { method, agent, headers: about, signal }, resolve)
      const late = setTimeout(
        () => outgoing.destroy(new Error(`no connection within ${CONNECT_MS / 1_000} s`)),
        CONNECT_MS,
      )
      const connected = () => {
        clearTimeout(late)
        wasSent = true
      }
      outgoing.on('socket', (socket) => (outgoing.reusedSocket ? connected() : socket.once('secureConnect', connected)))
      outgoing.on('error', (error) => {
        clearTimeout(late)
        isStale = outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET'
        reject(error)
      })
      // A failure of the content is an error of the request too.
      pipeline(content?.stream ?? Readable.from([]), outgoing).catch((error: unknown) =>
        outgoing.destroy(error instanceof Error ? error : undefined),
      )
    })
    return { ok: true, status: stream.statusCode ?? 0, headers: stream.headers, stream }
  } catch (error) {
    signal.throwIfAborted()
    // [Node, request.reusedSocket] The other hub may close a kept connection just as a request is sent on it.
    if (isStale && !isOnce) return exchange(line, signal)
    return { ok: false, wasSent, message: error instanceof Error ? error.message : String(error) }
  }
}

type Upgrading = { member: Member; agent: Agent; path: string; headers: Record<string, string> }

function upgradeAt({ member, agent, path, headers }: Upgrading, signal: AbortSignal): Promise<PeerUpgrade> {
  const { promise, resolve } = Promise.withResolvers<PeerUpgrade>()
  const about = { ...headers, [PEER_HEADER]: member.hubId }
  const outgoing = startRequest(`${member.url}${path}`, { agent, headers: about, timeout: CONNECT_MS })
  const abort = () => outgoing.destroy(new Error('the hub is stopping'))
  signal.addEventListener('abort', abort, { once: true })
  outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${CONNECT_MS / 1_000} s`)))
  outgoing.on('error', ({ message }) => resolve({ ok: false, message }))
  outgoing.on('response', (answer) => {
    answer.resume()
    resolve({ ok: false, message: `it answered ${answer.statusCode}` })
  })
  outgoing.on('upgrade', (answer, socket, head) => {
    socket.setTimeout(0)
    resolve({ ok: true, answer, socket, head })
  })
  outgoing.end()
  return promise.finally(() => signal.removeEventListener('abort', abort))
}
