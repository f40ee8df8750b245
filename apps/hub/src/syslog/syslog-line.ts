/**
 * Syslog line: hands messages to a receiver over one TLS connection [RFC 5425], and says whether it has taken them. The protocol has no
 * acknowledgement, and what was written may still lie in a buffer of a machine that then dies. So a connection carries some messages and is
 * ended; the receiver, which must answer the end [RFC 5425 4.4], does so once it has read all. What ends otherwise is sent again.
 */
import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionOptions, checkServerIdentity, connect, rootCertificates, type TLSSocket } from 'node:tls'
import type { SyslogTarget } from '@skerry/contract/audit/audit-export'

export type Handover = {
  target: SyslogTarget
  /** The address that was checked: looked up again, the name might mean another machine. */
  address: string
  privateKeyPem: string | undefined
  messages: readonly string[]
  /** For all of it. */
  timeoutMs: number
}

/** A receiver that refuses the hub's certificate ends the connection right after the handshake: by then it has. */
const SETTLE_MS = 250

/** Resolves when the receiver has taken all; rejects with what went wrong. */
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
    // [RFC 6066 3] An address is no name to ask for.
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
    // It says nothing; but who does not read does not hear of the end.
    socket.resume()
  })
  // Waited for below; until then nobody may call it unhandled.
  closed.catch(() => undefined)
  await Promise.race([closed, new Promise((resolve) => socket.once('secureConnect', resolve))])
  const written = new Promise<void>((resolve) => socket.write(framed(messages), () => resolve()))
  await Promise.race([closed, written])
  await Promise.race([closed, sleep(SETTLE_MS, undefined, { signal: ended }).catch(() => undefined)])
  isEnding = true
  socket.end()
  await closed
}

/** [RFC 5425 4.3] Each with its length in octets before it. */
function framed(messages: readonly string[]): Buffer {
  return Buffer.concat(
    messages.flatMap((message) => {
      const bytes = Buffer.from(message)
      return [Buffer.from(`${bytes.length} `), bytes]
    }),
  )
}
