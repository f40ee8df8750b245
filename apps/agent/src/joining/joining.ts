/**
 * Joining: from a token's text to a device with a certificate. May be cut at any point and begun again: the key is made and kept first, and
 * the hub knows the same key as the same device. Nothing of it is needed to serve.
 *
 *     token → hub's CA, checked against the token → key, request → join: pending (ask again) | active → identity on disk
 */
import { createPublicKey } from 'node:crypto'
import type { Inventory } from '@skerry/contract/devices/device'
import { JoinReply, type JoinRequest, type JoinTokenContent } from '@skerry/contract/joining/join'
import { backoffMs } from '@skerry/core/values/backoff'
import { certificateReplyProblem } from '@skerry/platform/certificates/certificate-reply'
import { findPinnedAuthority } from '@skerry/platform/certificates/pinned-authority'
import { hashPublicKey } from '@skerry/platform/certificates/public-key-hash'
import { type HttpsProblem, openHttpsClient } from '@skerry/platform/network/https-client'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { signingKeyId } from '@skerry/platform/signatures/dsse'
import { reasonIn } from '../hub/hub-reason.ts'
import { requestCertificate } from './certificate-request.ts'
import { type Identity, type IdentityFolder, tokenHash } from './identity.ts'
import { parseJoinToken } from './join-token.ts'

export type JoiningDeps = {
  folder: IdentityFolder
  clock: Clock
  random: () => number
  log: Log
  inventory: () => Promise<Inventory>
  name: string | undefined
  serial: string | undefined
}

export type JoinResult = { ok: true; identity: Identity } | { ok: false; code: string; message: string }

/** A hub that is being installed answers soon; one that is down is not asked more often than twice a minute. */
const BACKOFF = { baseMs: 1_000, maxMs: 30_000 }

/** Joins, however long it takes; gives up only where trying again cannot help. */
export async function joinHub(tokenText: string, deps: JoiningDeps, signal: AbortSignal): Promise<JoinResult> {
  const token = parseJoinToken(tokenText)
  if (!token.ok) return token
  await deps.folder.writeToken(tokenText)
  const privateKey = await deps.folder.privateKey()
  const csr = await requestCertificate(privateKey, signal)
  const key = hashPublicKey(createPublicKey(privateKey))
  for (let failures = 0; ; ) {
    const tried = await tryToJoin(tokenText, token.content, { csr, key }, deps, signal)
    if (tried.kind === 'done') return tried.result
    const isPending = tried.code === 'join_pending'
    // Who waits for a person is told by the hub when to ask again; a tenth more keeps those apart that began together.
    const waitMs = isPending
      ? tried.waitMs * (1 + deps.random() / 10)
      : Math.max(tried.waitMs, backoffMs(failures, BACKOFF, deps.random()))
    failures = isPending ? 0 : failures + 1
    deps.log.info('join_waiting', { code: tried.code, message: tried.message, waitMs: Math.round(waitMs) })
    await deps.clock.sleep(waitMs, signal)
  }
}

type Attempt = { kind: 'done'; result: JoinResult } | { kind: 'again'; code: string; message: string; waitMs: number }

async function tryToJoin(
  tokenText: string,
  { hub, ca: fingerprint, signer, secret }: JoinTokenContent,
  { csr, key }: { csr: string; key: string },
  { folder, name, serial, inventory }: JoiningDeps,
  signal: AbortSignal,
): Promise<Attempt> {
  const authority = await findPinnedAuthority({ url: hub, fingerprint }, signal)
  if (!authority.ok && !authority.retryable) return { kind: 'done', result: authority }
  if (!authority.ok) return problemAttempt(authority)
  const wishes = { ...(name !== undefined && { name }), ...(serial !== undefined && { serial }) }
  const body: JoinRequest = { secret, csr, inventory: await inventory(), ...wishes }
  using client = openHttpsClient({ authorities: [authority.authorityPem] })
  const answer = await client.sendJson({ method: 'POST', url: new URL('/v1/join', hub).href, body }, signal)
  if (!answer.ok) return problemAttempt(answer)
  const reply = JoinReply.safeParse(answer.body)
  if (!reply.success) {
    return {
      kind: 'again',
      code: 'reply_malformed',
      message: 'this agent cannot read the answer of the hub; update the agent',
      waitMs: 0,
    }
  }
  if (reply.data.status === 'pending') {
    const message = `a person must approve ${reply.data.name}: "skerry device approve ${reply.data.name} --key ${key}"`
    return { kind: 'again', code: 'join_pending', message, waitMs: reply.data.retryAfterMs }
  }
  const { deviceId, name: given, certificate, ca, trustedKeys } = reply.data
  const unproved = proofProblem(csr, signer, reply.data)
  // The genuine hub may answer the next request.
  if (unproved !== undefined) return { kind: 'again', code: 'join_unproved', message: unproved, waitMs: 0 }
  const identity: Identity = {
    v: 1,
    deviceId,
    name: given,
    hub,
    certificate,
    ca,
    trustedKeys,
    joinedWith: tokenHash(tokenText),
  }
  await folder.write(identity)
  await folder.removeToken()
  return { kind: 'done', result: { ok: true, identity } }
}

type Joined = Extract<JoinReply, { status: 'active' }>

/** The join token names the key that must have signed the reply; no other key of the reply counts before that. */
function proofProblem(csr: string, signer: string, reply: Joined): string | undefined {
  const own = reply.trustedKeys.filter((pem) => keyIdOf(pem) === signer)
  return certificateReplyProblem(csr, reply, own)
}

/** Undefined for a text that is no key. */
function keyIdOf(pem: string): string | undefined {
  try {
    return signingKeyId(pem)
  } catch {
    return undefined
  }
}

function problemAttempt(problem: HttpsProblem): Attempt {
  const { code, message } = { ...problem, ...reasonIn(problem.body) }
  if (problem.retryable) return { kind: 'again', code, message, waitMs: problem.retryAfterMs ?? 0 }
  // A wrong clock mends itself, or a person mends it, while the agent runs.
  if (problem.code === 'certificate_refused') return { kind: 'again', code, message, waitMs: 0 }
  return { kind: 'done', result: { ok: false, code, message } }
}
