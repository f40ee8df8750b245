/**
 * Syslog line: sends messages to a receiver over one TLS connection [RFC 5425], and reports whether it has accepted
 * them.
 *
 * The protocol has no acknowledgement. Written messages may still be in a buffer of a machine that then fails. So the
 * hub sends some messages and ends the connection. The receiver must answer the end [RFC 5425 4.4], and does so once it
 * has read everything. After any other end, the messages are sent again.
 */
import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionOptions, checkServerIdentity, connect, rootCertificates, type TLSSocket } from 'node:tls'
import type { SyslogTarget } from '@skerry/contract/audit/audit-export'

export type Handover = {
  target: SyslogTarget
  /** The checked address: a second lookup of the name might return another machine. */
  address: string
  privateKeyPem: string | undefined
  messages: readonly string[]
  /** The limit for all messages together. */
  timeoutMs: number
}

/** A receiver that rejects the hub's certificate ends the connection right after the handshake, within this time. */
const SETTLE_MS = 250

/** Resolves when the receiver has accepted all messages; rejects with the error. */
export async function handOver(handover: Handover, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(handover.timeoutMs)
  const ended = new AbortController()
  const both = AbortSignal.any([signal, limit])
  const socket = connect(connectionTo(handover))
  const abort = () => socket.destroy(both.reason instanceof Error ? both.reason : new Error('it was stopped'))
  both.addEventListener('abort', abort, { once: true })
  if (both.aborted) abort()
  try {
    await exchange(socket, handover.messages, ended.signal)
  } catch (error) {
    if (limit.aborted && !signal.aborted)
      throw new Error(`the receiver did not accept it within ${handover.timeoutMs / 1_000} s`, { cause: error })
    throw error
  } finally {
    ended.abort()
    both.removeEventListener('abort', abort)
    socket.destroy()
  }
}

function connectionTo({ target, address, privateKeyPem }: Handover): ConnectionOptions {
  const { host, port, serverName = host, authorityPem, certificatePem } = target
  return {
    host: address,
    port,
    minVersion: 'TLSv1.2',
    ca: authorityPem ? [authorityPem] : [...rootCertificates],
    // [RFC 6066 3] An IP address is not allowed as a server name.
    ...(isIP(serverName) === 0 && { servername: serverName }),
    checkServerIdentity: (_asked, certificate) => checkServerIdentity(serverName, certificate),
    ...(certificatePem !== undefined && { cert: certificatePem, key: privateKeyPem }),
  }
}

async function exchange(socket: TLSSocket, messages: readonly string[], ended: AbortSignal): Promise<void> {
  let isEnding = false
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('end', () => {
      if (!isEnding) reject(new Error('the receiver closed the connection before it had everything'))
    })
    socket.once('close', (hadError) => {
      if (!hadError && isEnding) resolve()
      reject(new Error('the receiver closed the connection before it had everything'))
    })
    // The receiver sends nothing, but the end arrives only if the socket is read.
    socket.resume()
  })
  // The promise is awaited below; until then it must not count as unhandled.
  closed.catch(() => undefined)
  await Promise.race([closed, new Promise((resolve) => socket.once('secureConnect', resolve))])
  const written = new Promise<void>((resolve) => socket.write(framed(messages), () => resolve()))
  await Promise.race([closed, written])
  await Promise.race([closed, sleep(SETTLE_MS, undefined, { signal: ended }).catch(() => undefined)])
  isEnding = true
  socket.end()
  await closed
}

/** [RFC 5425 4.3] Each message follows its length in octets. */
function framed(messages: readonly string[]): Buffer {
  return Buffer.concat(
    messages.flatMap((message) => {
      const bytes = Buffer.from(message)
      return [Buffer.from(`${bytes.length} `), bytes]
    }),
  )
}
