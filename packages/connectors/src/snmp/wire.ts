/** SNMP wire: questions and answers over UDP, which are told apart by their numbers. What nobody answers is asked again, as often as was said. */
import { SourceTrouble } from '@skerry/connectors/session'
import { politelyTogether } from '@skerry/connectors/turns'
import type { SnmpAccess, SnmpConnection } from '@skerry/contract/sources/protocols/source-snmp'
import type { Clock } from '@skerry/platform/process/clock'
import { untilLost } from '@skerry/platform/process/until-lost'
import type { SnmpSession, SnmpUser, Varbind } from 'net-snmp'
import * as snmp from 'net-snmp'

/** `refused`: the agent understood, and does not do it. */
export type Answer = { ok: true; varbinds: Varbind[] } | { ok: false; status: string }

export type Wire = AsyncDisposable & {
  get(oids: readonly string[]): Promise<Answer>
  set(varbind: Varbind): Promise<Answer>
  /** Those below, up to so many. */
  walk(oid: string, max: number): Promise<Varbind[]>
}

type Secrets = Readonly<Record<string, string>>

/** [RFC 1213, sysUpTime] Every agent has it. */
const UP_TIME = '1.3.6.1.2.1.1.3.0'

/** Asks the agent whether it is there. Throws `SourceTrouble`. */
export async function openWire(
  connection: SnmpConnection,
  { secrets, clock }: { secrets: Secrets; clock: Clock },
  signal: AbortSignal,
): Promise<Wire> {
  signal.throwIfAborted()
  const session = sessionOf(connection, secrets)
  // What goes wrong between two questions shows at the next one.
  session.on('error', () => undefined)
  const gone = Promise.withResolvers<never>()
  gone.promise.catch(() => undefined)
  guardReading(session, (cause) => gone.reject(unreadable(connection, cause)))
  const inTurn = politelyTogether(connection.pauseBetweenRequestsMs, clock)
  const ask = (work: (done: (error: unknown, varbinds: Varbind[]) => void) => void) =>
    inTurn(() => untilLost(asked(connection, work), gone.promise), signal)
  const wire: Wire = {
    get: (oids) => ask((done) => session.get(oids, done)),
    set: (varbind) => ask((done) => session.set([varbind], done)),
    walk: (oid, max) => inTurn(() => untilLost(walked(connection, session, { oid, max }), gone.promise), signal),
    [Symbol.asyncDispose]: async () => session.close(),
  }
  try {
    await wire.get([UP_TIME])
    signal.throwIfAborted()
    return wire
  } catch (error) {
    session.close()
    throw error
  }
}

/** The library takes what it could parse for whole, and throws where it is not: nobody would hear of the question any more. */
function guardReading({ dgram }: SnmpSession, fail: (cause: unknown) => void): void {
  const readers = dgram.listeners('message')
  dgram.removeAllListeners('message')
  dgram.on('message', (bytes) => {
    try {
      for (const read of readers) read(bytes)
    } catch (cause) {
      fail(cause)
    }
  })
}

function sessionOf({ host, port, timeoutMs, retries, access }: SnmpConnection, secrets: Secrets): SnmpSession {
  // Else an answer that tells of other objects would be taken for those that were asked for.
  const options = { port, retries, timeout: timeoutMs, idBitsSize: 32, reportOidMismatchErrors: true } as const
  if (access.version === 'v3') {
    return snmp.createV3Session(host, userOf(access, secrets), { ...options, version: snmp.Version3 })
  }
  const { community } = access
  const word = typeof community === 'string' ? community : (secrets[community.secret] ?? '')
  return snmp.createSession(host, word, { ...options, version: snmp.Version2c })
}

function userOf({ name, auth, privacy }: Extract<SnmpAccess, { version: 'v3' }>, secrets: Secrets): SnmpUser {
  if (!auth) return { name, level: snmp.SecurityLevel.noAuthNoPriv }
  const authentic = {
    name,
    level: snmp.SecurityLevel.authNoPriv,
    authProtocol: snmp.AuthProtocols[auth.protocol],
    authKey: secrets[auth.password.secret] ?? '',
  }
  if (!privacy) return authentic
  return {
    ...authentic,
    level: snmp.SecurityLevel.authPriv,
    privProtocol: snmp.PrivProtocols[privacy.protocol],
    privKey: secrets[privacy.password.secret] ?? '',
  }
}

function asked(
  connection: SnmpConnection,
  work: (done: (error: unknown, varbinds: Varbind[]) => void) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    try {
      work((error, varbinds) => {
        if (!error) resolve({ ok: true, varbinds })
        else if (nameOf(error) === 'RequestFailedError') resolve({ ok: false, status: textOf(error) })
        else reject(troubleOf(connection, error))
      })
    } catch (error) {
      reject(troubleOf(connection, error))
    }
  })
}

function walked(
  connection: SnmpConnection,
  session: SnmpSession,
  { oid, max }: { oid: string; max: number },
): Promise<Varbind[]> {
  const all: Varbind[] = []
  return new Promise((resolve, reject) => {
    session.subtree(
      oid,
      connection.oidsMax,
      (found) => {
        all.push(...found)
        return all.length >= max
      },
      (error) => (error ? reject(troubleOf(connection, error)) : resolve(all.slice(0, max))),
    )
  })
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : '')
const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** [RFC 3414, 3.2] Agents report who they do not let in; a wrong community they pass over in silence. */
function troubleOf({ host, port, access, timeoutMs, retries }: SnmpConnection, cause: unknown): SourceTrouble {
  const name = `${host}:${port}`
  if (nameOf(cause) === 'RequestTimedOutError') {
    const hint = access.version === 'v2c' ? '; check the address and the community' : ''
    const text = `${name} did not answer ${retries + 1} times within ${timeoutMs} ms${hint}`
    return new SourceTrouble('source_silent', text, { cause })
  }
  if (isRefusal(cause)) {
    return new SourceTrouble('source_refused', `${name} rejects the sign-in (${textOf(cause)})`, { cause })
  }
  if (nameOf(cause) === 'ResponseInvalidError') return unreadable({ host, port }, cause)
  return new SourceTrouble('source_unreachable', `cannot ask ${name} (${textOf(cause)})`, { cause })
}

const unreadable = ({ host, port }: { host: string; port: number }, cause: unknown) =>
  new SourceTrouble('source_lost', `the answer of ${host}:${port} cannot be read (${textOf(cause)})`, { cause })

/** The library's code for both that the agent reports us as a stranger, and that a digest is wrong: of the second it says whose it was to be. */
const AUTH_FAILURE = 5

const isRefusal = (cause: unknown) =>
  cause instanceof Error && 'code' in cause && cause.code === AUTH_FAILURE && !('info' in cause && cause.info)
