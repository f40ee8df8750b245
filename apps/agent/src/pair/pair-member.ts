/**
 * Pair member: carries out the steps of core for this device. It never waits for an effect while it holds the lease: a
 * slow program of the system must not cost the next renewal.
 */
import type { PairOrder } from '@skerry/contract/held/pairs'
import type { TakeReason } from '@skerry/contract/pairs/pair'
import type { DeviceId } from '@skerry/contract/values/ids'
import {
  afterEnd,
  afterRound,
  afterTake,
  afterTrial,
  hasMajority,
  isActive,
  isLost,
  LOOK_MS,
  type Member,
  newMember,
  nextStep,
  reasonAfterTrial,
  type Step,
  withFitness,
} from '@skerry/core/pairs/member'
import type { Clock } from '@skerry/platform/process/clock'
import type { Lease } from '@skerry/platform/process/lease-gate'
import type { Log } from '@skerry/platform/process/log'
import { ANSWER_MS, CAMPAIGN_ANSWER_MS } from './ask-peer.ts'
import type { LinesDeps, PairLines } from './pair-lines.ts'
import type { VoteBox } from './vote-box.ts'

export type PairMember = {
  isActive(): boolean
  /** The lease of the gate. While this device is passive, the lease is over. */
  lease(): Lease
  standing(): { epoch: number; sinceMs: number; reason: TakeReason | undefined }
  run(signal: AbortSignal): Promise<void>
}

export type MemberDeps = Pick<LinesDeps, 'self' | 'order' | 'bootMs'> & {
  box: Pick<VoteBox, 'vote' | 'doneTurn' | 'keepTurn' | 'judge' | 'abandon'>
  lines: PairLines
  /** Whether this device could serve now. */
  isFit(): boolean
  /** The lease was renewed. */
  onLease(lease: Lease): void
  /** Called when it becomes active or passive. Resolves when the connections to equipment follow it. */
  onTurn(isActive: boolean): Promise<boolean>
  clock: Clock
  random: () => number
  log: Log
}

const NO_LEASE: Lease = { untilMs: 0, epoch: 0 }

/** A passive member tries so often whether the others answer. */
const PROBE_MS = 2_000

type Running = MemberDeps & { member: Member; sinceMs: number; probeMs: number }

/** It is passive until the others grant it the lease. */
export function createPairMember(deps: MemberDeps): PairMember {
  const { pair } = deps.order()
  const place = placeOf(deps.order(), deps.self)
  const member = newMember(deps.self, place, { doneTurn: deps.box.doneTurn(pair) })
  const it: Running = { ...deps, member, sinceMs: deps.clock.nowMs(), probeMs: 0 }
  return {
    isActive: () => isActive(it.member, deps.bootMs()),
    lease: () => it.member.lease ?? NO_LEASE,
    standing: () => ({
      epoch: it.member.lease?.epoch ?? deps.box.vote(pair).epoch,
      sinceMs: Math.floor(it.sinceMs),
      reason: it.member.lease?.reason,
    }),
    run: (signal) => run(it, signal),
  }
}

const placeOf = ({ members }: PairOrder, self: DeviceId) => (members[0].device === self ? 0 : 1)

async function run(it: Running, signal: AbortSignal): Promise<void> {
  try {
    while (!signal.aborted) await actOnce(it, signal)
  } finally {
    it.member = { ...it.member, lease: undefined }
  }
}

/** In milliseconds. A step that failed, because of the disk for example, must not keep the processor busy. */
const AFTER_FAULT_MS = 500

/** A fault costs at most the lease, never the part of this device in the pair. */
async function actOnce(it: Running, signal: AbortSignal): Promise<void> {
  try {
    await act(it, next(it), signal)
  } catch (error) {
    if (signal.aborted) return
    it.log.error('pair_step_failed', { pair: it.order().name, error })
    await it.clock.sleep(AFTER_FAULT_MS, signal).catch(() => undefined)
  }
}

function next(it: Running): Step {
  const order = it.order()
  const nowMs = it.bootMs()
  const isFit = it.isFit()
  it.member = withFitness(it.member, { isFit, nowMs })
  return nextStep(it.member, { nowMs, isFit, vote: it.box.vote(order.pair), order: order.switch })
}

async function act(it: Running, step: Step, signal: AbortSignal): Promise<void> {
  switch (step.kind) {
    case 'wait':
      return wait(it, step.untilMs, signal)
    case 'renew':
      return take(it, { epoch: step.epoch, reason: it.member.lease?.reason ?? 'start' }, signal)
    case 'campaign':
      return campaign(it, step, signal)
    case 'end':
      return end(it, step, signal)
  }
}

/** Not longer than a look: the runner may become ready, or the hub may order a switch. */
async function wait(it: Running, untilMs: number, signal: AbortSignal): Promise<void> {
  const nowMs = it.bootMs()
  if (!it.member.lease && nowMs >= it.probeMs) {
    it.probeMs = nowMs + PROBE_MS
    it.lines.probe({ candidate: it.self, epoch: it.member.seenEpoch + 1 }, signal)
  }
  await it.clock.sleep(Math.max(1, Math.min(untilMs - it.bootMs(), LOOK_MS)), signal)
}

type Wish = { epoch: number; reason: TakeReason }

async function campaign(it: Running, { epoch, reason }: Wish, signal: AbortSignal): Promise<void> {
  it.probeMs = it.bootMs() + PROBE_MS
  const verdicts = await it.lines.round({ kind: 'trial', candidate: it.self, epoch }, signal)
  const order = it.order().switch
  if (hasMajority(verdicts)) {
    return take(it, { epoch, reason: reasonAfterTrial(it.member, { reason, order }, verdicts) }, signal)
  }
  it.member = afterTrial(it.member, verdicts, { nowMs: it.bootMs(), chance: it.random() })
}

/** The lease counts from this moment, before any of the others has heard of the round. */
async function take(it: Running, { epoch, reason }: Wish, signal: AbortSignal): Promise<void> {
  const sentAtMs = it.bootMs()
  const before = it.member.lease
  const patienceMs = before ? ANSWER_MS : CAMPAIGN_ANSWER_MS
  const verdicts = await it.lines.round({ kind: 'grant', candidate: it.self, epoch }, signal, patienceMs)
  // A lease that lapsed during the round is a new turn: the connections to equipment have ended with it.
  const was = isActive(it.member, it.bootMs())
  it.member = afterRound(it.member, { epoch, reason, sentAtMs, verdicts }, { nowMs: it.bootMs(), chance: it.random() })
  const { lease } = it.member
  if (isLost(it.member)) await it.box.abandon(it.order().pair, { candidate: it.self, epoch })
  if (!lease) return
  if (lease !== before) it.onLease(lease)
  if (was || lease === before) return
  settle(it, reason)
  it.sinceMs = it.clock.nowMs()
  it.log.info('pair_active', { pair: it.order().name, epoch, reason })
  void it.onTurn(true)
}

/** An order of a switch from before must not fire much later, against the wish of nobody. */
function settle(it: Running, reason: TakeReason): void {
  const { pair, switch: order } = it.order()
  const { doneTurn } = it.member
  it.member = afterTake(it.member, reason, order)
  if (it.member.doneTurn === doneTurn) return
  // A slow disk must not cost the next renewal.
  it.box.keepTurn(pair, it.member.doneTurn).catch((error: unknown) => it.log.warn('pair_turn_not_kept', { error }))
}

async function end(it: Running, step: Extract<Step, { kind: 'end' }>, signal: AbortSignal): Promise<void> {
  const { epoch, reason, turn } = step
  const { pair, name } = it.order()
  it.member = afterEnd(it.member, step, it.bootMs())
  it.sinceMs = it.clock.nowMs()
  it.onLease(NO_LEASE)
  it.log.warn('pair_passive', { pair: name, epoch, reason })
  const stopped = it.onTurn(false)
  if (reason === 'lease-ended') return
  if (turn !== undefined) await it.box.keepTurn(pair, turn)
  // Without its word that nothing is under way any more, the lease ends by time, and not sooner.
  if (!(await stopped)) return
  const ballot = { kind: 'release', candidate: it.self, epoch } as const
  await it.lines.round(ballot, signal)
}
