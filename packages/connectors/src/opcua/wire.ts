/** OPC UA wire: one session with a server. The library's own reconnecting is off: what breaks is told, and the loop of the source opens a new one. */
import { join } from 'node:path'
import { type SessionDeps, SourceTrouble, type TroubleCode } from '@skerry/connectors/session'
import { secretOf } from '@skerry/connectors/tls'
import type { OpcuaConnection } from '@skerry/contract/sources/protocols/source-opcua'
import type { OpcuaSource } from '@skerry/contract/sources/source'
import { untilLost } from '@skerry/platform/process/until-lost'
import {
  type ClientSession,
  type ClientSessionPublishService,
  type ClientSessionRawSubscriptionService,
  type EndpointDescription,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
  setErrorLogger,
  setWarningLogger,
  type UserIdentityInfo,
  UserTokenType,
} from 'node-opcua-client'
import { ownCertificate, trustOf } from './pki.ts'

// It would write on the output of whoever runs the source.
setErrorLogger(() => undefined)
setWarningLogger(() => undefined)

/** What the library's session can do beyond what its type says. */
type RawSession = ClientSession & ClientSessionRawSubscriptionService & ClientSessionPublishService

export type Wire = AsyncDisposable & {
  session: RawSession
  /** Gives what the work gives, in time and as long as there is a connection. Throws `SourceTrouble`. */
  ask<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
  /** Rejects with a `SourceTrouble` once the connection is gone. */
  lost: Promise<never>
}

type Deps = Pick<SessionDeps, 'secrets' | 'stateFolder'>

const MODES = {
  none: MessageSecurityMode.None,
  sign: MessageSecurityMode.Sign,
  encrypt: MessageSecurityMode.SignAndEncrypt,
}

/** The library ends connections on which nothing was said for so long: here requests and signs of life have their own times. */
const IDLE_MS = 0x7fff_ffff

/** The server forgets a session after so long without a request; that of a slow group must come before. */
const sessionMs = (groups: OpcuaSource['groups']) => Math.max(60_000, ...groups.map(({ everyMs }) => 3 * everyMs))

/** Says goodbye for so long: a server that is gone does not answer it. */
const CLOSE_MS = 500

/** Connects. Throws `SourceTrouble`. */
export async function openWire({ connection, groups }: OpcuaSource, deps: Deps, signal: AbortSignal): Promise<Wire> {
  const { endpoint, timeoutMs } = connection
  const trust = trustOf(connection)
  const client = OPCUAClient.create({
    // One it has even where none is shown: the library would make its own in the home of the user.
    ...(await certificateOf(deps)),
    securityMode: MODES[connection.security],
    clientCertificateManager: trust.store,
    securityPolicy: connection.security === 'none' ? SecurityPolicy.None : SecurityPolicy[connection.policy],
    applicationName: 'Skerry',
    clientName: 'Skerry',
    keepSessionAlive: false,
    // Servers name themselves as they are called at home.
    endpointMustExist: false,
    connectionStrategy: { maxRetry: 0, initialDelay: 10, maxDelay: 20 },
    transportTimeout: IDLE_MS,
    defaultTransactionTimeout: timeoutMs,
    requestedSessionTimeout: sessionMs(groups),
  })
  const closed = Promise.withResolvers<never>()
  closed.promise.catch(() => undefined)
  const lose = () => closed.reject(new SourceTrouble('source_lost', `the connection to ${endpoint} broke`))
  client.on('connection_lost', lose)
  client.on('close', lose)
  const close = () => quietly(client.disconnect())
  let session: RawSession
  try {
    await within(client.connect(endpoint), timeoutMs, signal)
    const opened = await within(client.createSession(userOf(connection, deps)), timeoutMs, signal)
    if (!isRaw(opened)) throw new Error('the library has no raw subscriptions')
    session = opened
  } catch (cause) {
    await close()
    signal.throwIfAborted()
    throw connectTrouble(connection, trust.shown(), cause)
  }
  session.on('session_closed', lose)
  const ask = async <T>(work: () => Promise<T>, waiting: AbortSignal): Promise<T> => {
    try {
      return await untilLost(within(work(), timeoutMs, waiting), closed.promise)
    } catch (cause) {
      waiting.throwIfAborted()
      throw cause instanceof SourceTrouble ? cause : workTrouble(connection, cause)
    }
  }
  return { session, ask, lost: closed.promise, [Symbol.asyncDispose]: close }
}

/** What a server offers to whoever asks, before anything is secured. Throws `SourceTrouble`. */
export async function askServer(
  { endpoint, timeoutMs }: Pick<OpcuaConnection, 'endpoint' | 'timeoutMs'>,
  deps: Deps,
  signal: AbortSignal,
): Promise<EndpointDescription[]> {
  const client = OPCUAClient.create({
    ...(await certificateOf(deps)),
    securityMode: MessageSecurityMode.None,
    securityPolicy: SecurityPolicy.None,
    endpointMustExist: false,
    clientCertificateManager: trustOf({ trust: [], insecureTrust: false }).store,
    applicationName: 'Skerry',
    clientName: 'Skerry',
    defaultTransactionTimeout: timeoutMs,
    connectionStrategy: { maxRetry: 0, initialDelay: 10, maxDelay: 20 },
  })
  try {
    await within(client.connect(endpoint), timeoutMs, signal)
    return await within(client.getEndpoints(), timeoutMs, signal)
  } catch (cause) {
    signal.throwIfAborted()
    throw new SourceTrouble('source_unreachable', `cannot ask ${endpoint} (${reasonOf(cause)})`, { cause })
  } finally {
    await quietly(client.disconnect())
  }
}

async function certificateOf({ stateFolder }: Deps) {
  try {
    return await ownCertificate(join(stateFolder, 'opcua'))
  } catch (cause) {
    throw new SourceTrouble('source_unreachable', `cannot keep a certificate in ${stateFolder} (${reasonOf(cause)})`, {
      cause,
    })
  }
}

const isRaw = (session: ClientSession): session is RawSession =>
  'publish' in session && 'createMonitoredItems' in session && 'createSubscription' in session

function userOf({ user }: OpcuaConnection, { secrets }: Deps): UserIdentityInfo {
  if (!user) return { type: UserTokenType.Anonymous }
  if ('password' in user) {
    return { type: UserTokenType.UserName, userName: user.name, password: secretOf(user.password, secrets) }
  }
  const certificateData = derOf(secretOf(user.certificate, secrets))
  return { type: UserTokenType.Certificate, certificateData, privateKey: secretOf(user.key, secrets) }
}

/** [RFC 7468] */
const derOf = (pem: string): Buffer =>
  Buffer.from(pem.replace(/-----(BEGIN|END) CERTIFICATE-----/g, '').replace(/\s/g, ''), 'base64')

function connectTrouble({ endpoint }: OpcuaConnection, shown: string | undefined, cause: unknown): SourceTrouble {
  const reason = reasonOf(cause)
  const [code, message] = ((): [TroubleCode, string] => {
    if (shown !== undefined) {
      return ['source_refused', `${endpoint} shows a certificate that is not trusted: sha256:${shown}; ${TRUST_ADVICE}`]
    }
    if (/cannot find (an )?endpoint/i.test(reason))
      return ['source_refused', `${endpoint} does not offer this security`]
    if (USER_REFUSED.test(reason)) return ['source_refused', `${endpoint} rejects the user (${reason})`]
    if (/Bad(Certificate|Security)\w+/.test(reason)) {
      return ['source_refused', `${endpoint} rejects the certificate of this source (${reason}); ${TAKEN_ADVICE}`]
    }
    return ['source_unreachable', `cannot connect to ${endpoint} (${reason})`]
  })()
  return new SourceTrouble(code, message, { cause })
}

const TRUST_ADVICE = 'compare it with the fingerprint that the server itself shows, and write it under trust'
const TAKEN_ADVICE = 'an administrator of the server has to trust it first'
const USER_REFUSED = /Bad(IdentityToken\w+|UserAccessDenied|UserSignatureInvalid)/

function workTrouble({ endpoint, timeoutMs }: OpcuaConnection, cause: unknown): SourceTrouble {
  const reason = reasonOf(cause)
  if (/ETIMEDOUT|timed? ?out/i.test(reason)) {
    return new SourceTrouble('source_silent', `${endpoint} did not answer within ${timeoutMs} ms`, { cause })
  }
  return new SourceTrouble('source_lost', `the session with ${endpoint} is over (${reason})`, { cause })
}

/** The one line that says it: a code of the protocol, one of the system, or what the library says first. */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause)
  const [code] = /\bBad[A-Z]\w+|\bE[A-Z]{3,}\b/.exec(text) ?? []
  return code ?? (text.trim().split('\n')[0] ?? '').slice(0, 200)
}

async function quietly(work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, CLOSE_MS)
  await Promise.race([work.catch(() => undefined), promise])
  clearTimeout(timer)
}

async function within<T>(work: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('ETIMEDOUT')), ms)
  const abort = () => reject(new Error('aborted'))
  signal.addEventListener('abort', abort, { once: true })
  // What is given up must not end the thread when it fails later.
  work.catch(() => undefined)
  try {
    signal.throwIfAborted()
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}
