/** Ask peer: sends ballots to the other two devices of a pair. A peer that does not answer in time grants nothing. */
import type { PairPeer } from '@skerry/contract/held/pairs'
import { type PairBallot, PairVerdict } from '@skerry/contract/pairs/ballot'
import type { PairId } from '@skerry/contract/values/ids'
import type { Verdict } from '@skerry/core/pairs/vote'
import { openHttpsClient } from '@skerry/platform/network/https-client'
import type { Credentials } from './ballot-server.ts'

export type PeerLine = Disposable & {
  /** Undefined if no answer came in time. */
  ask(ballot: PairBallot, signal: AbortSignal, patienceMs: number): Promise<Verdict | undefined>
}

/** In milliseconds. A round waits less than the interval of two rounds; a neighbour answers in a few. */
export const ANSWER_MS = 400

/** In milliseconds. The first grant of an epoch waits for the disks of the voters. It leaves most of a lease's rest. */
export const CAMPAIGN_ANSWER_MS = 1_400

/**
 * In milliseconds. A request that is late for its round goes on, so that a slow handshake gets a connection for the next
 * rounds. Its answer counts for nothing. A request that hangs ends with its connection, and the next request opens another.
 */
const HANGING_MS = 2_000

/** A device whose certificate changes gets a new line. */
export function openPeerLine(pair: PairId, peer: PairPeer, { identity, privateKey }: Credentials): PeerLine {
  const client = openHttpsClient({
    serverKey: peer.key,
    credentials: { certificatePem: identity.certificate, privateKeyPem: privateKey },
    idleTimeoutMs: 2 * HANGING_MS,
  })
  const url = `https://${peer.door}/v1/pairs/${pair}/ballot`
  const request = async (body: PairBallot, signal: AbortSignal): Promise<Verdict | undefined> => {
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(HANGING_MS)])
      const answer = await client.sendJson({ method: 'POST', url, body }, within)
      return answer.ok ? PairVerdict.safeParse(answer.body).data : undefined
    } catch {
      // The caller looks at its signal itself.
      return undefined
    }
  }
  return {
    async ask(ballot, signal, patienceMs) {
      if (peer.door === undefined) return undefined
      const late = Promise.withResolvers<undefined>()
      const timer = setTimeout(() => late.resolve(undefined), patienceMs)
      try {
        return await Promise.race([request(ballot, signal), late.promise])
      } finally {
        clearTimeout(timer)
      }
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  }
}
