/** Sum pass: the hub signs that a device may give its update to the aggregator of its site, which opens the pass. */
import { SUM_PASS_PAYLOAD_TYPE, SumPass, SumPassEnvelope } from '@skerry/contract/campaigns/site-sum'
import type { KeyPair } from '../certificates/private-key.ts'
import { parsedPass } from '../chunks/cache-pass.ts'
import { statementOpener, statementSigner } from '../signatures/signed-statement.ts'

export const signSumPass = (pass: SumPass, key: KeyPair): SumPassEnvelope =>
  statementSigner(SUM_PASS_PAYLOAD_TYPE, key)(pass)

export type OpenedSumPass = { ok: true; pass: SumPass } | { ok: false; message: string }

export type SumPassExpected = Pick<SumPass, 'campaign' | 'round' | 'attempt'> & {
  /** The hash of the key that the caller has proved by TLS. */
  callerKey: string
  /** The hash of the key of this aggregator. */
  aggregatorKey: string
  trustedKeys: readonly string[]
  nowMs: number
}

/** Opens the pass of exactly this caller for exactly this attempt and this aggregator. */
export function openSumPass(text: string, expected: SumPassExpected): OpenedSumPass {
  const { campaign, round, attempt, callerKey, aggregatorKey, trustedKeys, nowMs } = expected
  const envelope = SumPassEnvelope.safeParse(parsedPass(text))
  if (!envelope.success) return reject('the request has no pass of the hub')
  const opened = statementOpener(SUM_PASS_PAYLOAD_TYPE, trustedKeys)(envelope.data)
  if (!opened.ok) return reject(`the pass is rejected: ${opened.message}`)
  const read = SumPass.safeParse(opened.statement)
  if (!read.success) return reject('this aggregator cannot read the pass; update its agent')
  const { data: pass } = read
  if (pass.deviceKey !== callerKey) return reject('the pass belongs to another device')
  if (pass.aggregatorKey !== aggregatorKey) return reject('the pass is for another aggregator')
  if (pass.campaign !== campaign || pass.round !== round || pass.attempt !== attempt)
    return reject('the pass is for another round')
  if (pass.expiresAtMs <= nowMs) return reject('the pass has expired; request another one from the hub')
  return { ok: true, pass }
}

const reject = (message: string): OpenedSumPass => ({ ok: false, message })
