/** Cache pass: the hub signs that a device may read a file from the cache of its site, and the cache opens the pass. */
import type { SumPassEnvelope } from '@skerry/contract/campaigns/site-sum'
import { CACHE_PASS_PAYLOAD_TYPE, CachePass, CachePassEnvelope } from '@skerry/contract/chunks/site-cache'
import type { Digest } from '@skerry/contract/values/digest'
import type { KeyPair } from '../certificates/private-key.ts'
import { statementOpener, statementSigner } from '../signatures/signed-statement.ts'

export const signCachePass = (pass: CachePass, key: KeyPair): CachePassEnvelope =>
  statementSigner(CACHE_PASS_PAYLOAD_TYPE, key)(pass)

/** The value of the header. */
export const encodeCachePass = (pass: CachePassEnvelope | SumPassEnvelope): string =>
  Buffer.from(JSON.stringify(pass)).toString('base64url')

export type OpenedPass = { ok: true; pass: CachePass } | { ok: false; message: string }

export type PassExpected = {
  blob: Digest
  /** The hash of the key that the caller has proved by TLS. */
  callerKey: string
  /** The hash of the key of this cache. */
  cacheKey: string
  trustedKeys: readonly string[]
  nowMs: number
}

/** Opens the pass of exactly this caller for exactly this file from this cache. */
export function openCachePass(text: string, expected: PassExpected): OpenedPass {
  const { blob, callerKey, cacheKey, trustedKeys, nowMs } = expected
  const envelope = CachePassEnvelope.safeParse(parsedPass(text))
  if (!envelope.success) return reject('the request has no pass of the hub')
  const opened = statementOpener(CACHE_PASS_PAYLOAD_TYPE, trustedKeys)(envelope.data)
  if (!opened.ok) return reject(`the pass is rejected: ${opened.message}`)
  const pass = CachePass.safeParse(opened.statement)
  if (!pass.success) return reject('this cache cannot read the pass; update its agent')
  if (pass.data.blob !== blob) return reject('the pass is for another file')
  if (pass.data.deviceKey !== callerKey) return reject('the pass belongs to another device')
  if (!pass.data.cacheKeys.includes(cacheKey)) return reject('the pass is for other caches')
  if (pass.data.expiresAtMs <= nowMs) return reject('the pass has expired; request another one from the hub')
  return { ok: true, pass: pass.data }
}

/** The value of the header as JSON; undefined if it is none. */
export function parsedPass(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

const reject = (message: string): OpenedPass => ({ ok: false, message })
