/** Pair lines: the rounds of requests of one device to the voters of its pair, and which of them answer. */
import type { PairOrder, PairPeer } from '@skerry/contract/held/pairs'
import type { DeviceId } from '@skerry/contract/values/ids'
import { hasMajority } from '@skerry/core/pairs/member'
import type { Ballot, Verdict } from '@skerry/core/pairs/vote'
import { ANSWER_MS, openPeerLine, type PeerLine } from './ask-peer.ts'
import type { Credentials } from './ballot-server.ts'
import type { VoteBox } from './vote-box.ts'

export type PairLines = Disposable & {
  /**
   * The verdicts of one round: of the own voter first, then of the others until there is a majority. Without its own
   * vote on its own disk, a member never asks the others: it never uses one epoch twice.
   */
  round(ballot: Ballot, signal: AbortSignal, patienceMs?: number): Promise<Verdict[]>
  /** Finds out whether the others answer, without a wait and without an effect on their votes. */
  probe(ballot: Omit<Ballot, 'kind'>, signal: AbortSignal): void
  /** The names of the peers that have not answered for some time. */
  unreached(): string[]
}

export type LinesDeps = {
  self: DeviceId
  order(): PairOrder
  credentials(): Credentials | undefined
  box: Pick<VoteBox, 'judge'>
  bootMs(): number
}

/** Longer than one lost request, and than a renewed connection. */
const SILENT_MS = 4_000

type Patience = { signal: AbortSignal; patienceMs: number }

type Line = { key: string; line: PeerLine; answeredMs: number }

/** No line is open before the first round. */
export function openPairLines(deps: LinesDeps): PairLines {
  const lines = new Map<DeviceId, Line>()
  const peers = () => {
    const { members, witness } = deps.order()
    return [...members, witness].filter(({ device }) => device !== deps.self)
  }
  // A barred device has no vote.
  const voters = () => peers().filter(({ barred }) => !barred)
  const lineTo = (peer: PairPeer, own: Credentials): Line => {
    const key = `${peer.key} ${peer.door} ${own.identity.certificate}`
    const known = lines.get(peer.device)
    if (known?.key === key) return known
    known?.line[Symbol.dispose]()
    const opened = {
      key,
      line: openPeerLine(deps.order().pair, peer, own),
      answeredMs: known?.answeredMs ?? deps.bootMs(),
    }
    lines.set(peer.device, opened)
    return opened
  }
  const ask = async (peer: PairPeer, { kind, epoch }: Ballot, own: Credentials, { signal, patienceMs }: Patience) => {
    const opened = lineTo(peer, own)
    const verdict = await opened.line.ask({ kind, epoch }, signal, patienceMs)
    if (verdict) opened.answeredMs = deps.bootMs()
    return verdict
  }
  return {
    async round(ballot, signal, patienceMs = ANSWER_MS) {
      const own = await deps.box.judge(deps.order().pair, ballot).catch(() => undefined)
      const credentials = deps.credentials()
      if (!own) return [UNSTORED]
      if (!own.isGranted || !credentials) return [own]
      const verdicts = [own]
      const enough = Promise.withResolvers<void>()
      const asked = voters().map(async (peer) => {
        const verdict = await ask(peer, ballot, credentials, { signal, patienceMs })
        if (!verdict) return
        verdicts.push(verdict)
        if (hasMajority(verdicts)) enough.resolve()
      })
      await Promise.race([enough.promise, Promise.allSettled(asked)])
      signal.throwIfAborted()
      return [...verdicts]
    },
    probe(ballot, signal) {
      const own = deps.credentials()
      if (!own) return
      for (const peer of voters()) {
        void ask(peer, { ...ballot, kind: 'trial' }, own, { signal, patienceMs: ANSWER_MS }).catch(() => undefined)
      }
    },
    unreached: () =>
      peers().flatMap(({ device, name, barred }) => {
        if (barred) return [name]
        const line = lines.get(device)
        return line && deps.bootMs() - line.answeredMs > SILENT_MS ? [name] : []
      }),
    [Symbol.dispose]() {
      for (const { line } of lines.values()) line[Symbol.dispose]()
      lines.clear()
    },
  }
}

/** The own disk does not take the vote. */
const UNSTORED: Verdict = { isGranted: false, epoch: 0 }
