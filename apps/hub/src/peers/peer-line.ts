/**
 * Peer line: how this hub speaks to another of the same database. Both sides prove who they are: this one by a certificate of the authority
 * that only hubs get, the other by the very certificate that stands in the database beside its address. So it matters neither by which name
 * a hub is reached, nor whose authority signed what it serves people with.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent, request as startRequest } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Credentials, issueHubCertificate } from '@skerry/platform/certificates/certificate-authority'
import type { Clock } from '@skerry/platform/process/clock'
import type { Member } from '../cluster/attendance.ts'

/** The hub that is meant. Another that answers at its address must not take itself for it. */
export const PEER_HEADER = 'skerry-hub'

export type PeerRequest = {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  headers?: Record<string, string>
  /** Bytes, whose number is told first; sent as fast as the other takes them. */
  content?: { length: number; stream: Readable }
  /** A line of its own: for what must not be sent twice. Else one is kept, and a request that met its end is sent again. */
  isOnce: boolean
}

export type PeerAnswer =
  | { ok: true; status: number; headers: IncomingHttpHeaders; stream: IncomingMessage }
  /** `wasSent`: the other may have heard it. */
  | { ok: false; wasSent: boolean; message: string }

export type PeerLine = Disposable & {
  /** Any answer is `ok`; read or destroy its stream. The signal counts until the stream has ended. */
  send(member: Member, request: PeerRequest, signal: AbortSignal): Promise<PeerAnswer>
}

export type PeerLineDeps = {
  hubId: string
  /** Who signs what the hub shows the others. */
  authority: () => Credentials
  /** PEM of whoever may have signed what hubs serve with. */
  serverAuthorities: () => readonly string[]
  clock: Pick<Clock, 'nowMs'>
}

/** Hubs stand near each other, but may be busy for seconds with a large body; who is not there by then has another address, or a wall before it. */
const CONNECT_MS = 5_000

/** A week is its life: there is time for clocks that differ, and for a hub that is started again every now and then. */
const RENEW_MS = 86_400_000

/** A wait between two questions that is longer is rare, and a connection costs the other hub some 40 kB. */
const IDLE_MS = 30_000

type Lines = { kept: Agent; once: Agent; openedAtMs: number }

/** Makes it; connections are opened when they are needed. */
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
    // What is under way on the old one ends by itself.
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
      // What cuts the content short is the request's error too.
      pipeline(content?.stream ?? Readable.from([]), outgoing).catch((error: unknown) =>
        outgoing.destroy(error instanceof Error ? error : undefined),
      )
    })
    return { ok: true, status: stream.statusCode ?? 0, headers: stream.headers, stream }
  } catch (error) {
    signal.throwIfAborted()
    // [Node, request.reusedSocket] The other may close a kept connection just as a question is put on it.
    if (isStale && !isOnce) return exchange(line, signal)
    return { ok: false, wasSent, message: error instanceof Error ? error.message : String(error) }
  }
}
