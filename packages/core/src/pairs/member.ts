/**
 * Member of a pair: decides when it campaigns, renews, and stops. A pure function of its state, its own vote and the
 * time of its own clock. The caller carries out the steps, and reports the verdicts of each round.
 */
import type { Vote, VoterId } from './vote.ts'
import { LEASE_MS, type Verdict } from './vote.ts'

/** Three rounds may fail before the lease ends. */
export const RENEW_MS = 500

/** A passive member looks so often whether the lease is free. */
export const LOOK_MS = 150

/** The second member waits longer, so that two members seldom campaign at the same moment. */
const SECOND_WAIT_MS = 300

/** A random part of the wait after a lost round. It ends a tie when the witness is away. */
const JITTER_MS = 400

/** After a planned switch, the other member has this time to take over. */
export const YIELD_MS = 6_000

/** A member that cannot serve for this time gives the lease away. A restart of its runner takes less. */
export const UNFIT_MS = 15_000

export const MAJORITY = 2

/** A planned switch: `turn` counts the switches of the pair. */
export type SwitchOrder = { turn: number; to: VoterId }

export type Member = {
  self: VoterId
  /** 0 for the first member of the declaration, 1 for the second. */
  place: 0 | 1
  /** The epoch under which it is active, until its clock reaches `untilMs`. */
  lease?: { epoch: number; untilMs: number; reason: TakeReason } | undefined
  /** The newest epoch that it has seen anywhere. */
  seenEpoch: number
  nextLookMs: number
  /** The last planned switch that it has obeyed. */
  doneTurn: number
  /** The reason of a round that was lost: by its own vote, the member is the holder since. */
  triedFor?: TakeReason | undefined
  unfitSinceMs?: number | undefined
}

/** start: nobody held the lease. lost: the holder fell silent. switched: the holder gave it away, or obeys a planned switch. */
export type TakeReason = 'start' | 'lost' | 'switched'

export type EndReason = 'lease-ended' | 'switch' | 'unfit'

export type MemberFacts = {
  nowMs: number
  /** Of its own voter. */
  vote: Vote
  /** Whether it could read equipment and serve. */
  isFit: boolean
  order?: SwitchOrder | undefined
}

export type Step =
  | { kind: 'wait'; untilMs: number }
  | { kind: 'renew'; epoch: number }
  /** Asks for a trial first, and for the lease if a majority would grant it. */
  | { kind: 'campaign'; epoch: number; reason: TakeReason }
  /** It stops, and only then gives the lease back. */
  | { kind: 'end'; reason: EndReason; epoch: number; turn?: number }

export const newMember = (self: VoterId, place: 0 | 1, kept: { doneTurn: number }): Member => ({
  self,
  place,
  seenEpoch: 0,
  nextLookMs: 0,
  doneTurn: kept.doneTurn,
})

/** Whether it may act: read equipment, write to it, and hold the address. */
export const isActive = ({ lease }: Member, nowMs: number): boolean => lease !== undefined && nowMs < lease.untilMs

/** The next step of a member. */
export function nextStep(member: Member, facts: MemberFacts): Step {
  return member.lease ? activeStep(member, member.lease, facts) : passiveStep(member, facts)
}

function activeStep(member: Member, { epoch, untilMs }: NonNullable<Member['lease']>, facts: MemberFacts): Step {
  const { nowMs, order, isFit } = facts
  if (nowMs >= untilMs) return { kind: 'end', reason: 'lease-ended', epoch }
  if (order && order.to !== member.self && order.turn > member.doneTurn) {
    return { kind: 'end', reason: 'switch', epoch, turn: order.turn }
  }
  if (!isFit && member.unfitSinceMs !== undefined && nowMs - member.unfitSinceMs >= UNFIT_MS) {
    return { kind: 'end', reason: 'unfit', epoch }
  }
  return nowMs >= member.nextLookMs ? { kind: 'renew', epoch } : { kind: 'wait', untilMs: member.nextLookMs }
}

function passiveStep(member: Member, { nowMs, vote, isFit, order }: MemberFacts): Step {
  const isOthers = vote.holder !== undefined && vote.holder !== member.self && nowMs < vote.guardedUntilMs
  if (nowMs < member.nextLookMs || isOthers || !isFit) {
    return { kind: 'wait', untilMs: Math.max(member.nextLookMs, nowMs + LOOK_MS) }
  }
  const epoch = Math.max(member.seenEpoch, vote.epoch) + 1
  return { kind: 'campaign', epoch, reason: reasonOf(member, vote, order) }
}

function reasonOf(member: Member, { holder, isReleased }: Vote, order: SwitchOrder | undefined): TakeReason {
  const { self, triedFor = 'start' } = member
  if (holder === self) return triedFor
  // The lease of a holder that obeys the switch may end before its equipment has stopped and its word is here.
  if (isReleased || (holder !== undefined && isOrdered(member, order))) return 'switched'
  return holder === undefined ? triedFor : 'lost'
}

/** Whether a planned switch to the member is not carried out yet. */
const isOrdered = ({ self, doneTurn }: Member, order: SwitchOrder | undefined): boolean =>
  order !== undefined && order.to === self && order.turn > doneTurn

/**
 * The reason after a trial. A voter may know a holder that the member does not know yet: for a whole lease after its start
 * the member votes for nobody.
 */
export function reasonAfterTrial(
  member: Member,
  { reason, order }: { reason: TakeReason; order?: SwitchOrder | undefined },
  verdicts: readonly Verdict[],
): TakeReason {
  const isOthers = verdicts.some(({ holder }) => holder !== undefined && holder !== member.self)
  if (reason !== 'start' || !isOthers) return reason
  return isOrdered(member, order) ? 'switched' : 'lost'
}

export type Round = {
  epoch: number
  reason: TakeReason
  /** By the member's clock, before it sent the first request. */
  sentAtMs: number
  verdicts: readonly Verdict[]
}

export const hasMajority = (verdicts: readonly Verdict[]): boolean =>
  verdicts.filter(({ isGranted }) => isGranted).length >= MAJORITY

/** The member after a round of requests for the lease. The lease counts from the moment before the round. */
export function afterRound(member: Member, round: Round, at: { nowMs: number; chance: number }): Member {
  const seenEpoch = Math.max(member.seenEpoch, round.epoch, ...round.verdicts.map(({ epoch }) => epoch))
  const untilMs = round.sentAtMs + LEASE_MS
  if (hasMajority(round.verdicts) && at.nowMs < untilMs) {
    const lease = { epoch: round.epoch, untilMs, reason: round.reason }
    return { ...member, seenEpoch, lease, nextLookMs: round.sentAtMs + RENEW_MS, triedFor: undefined }
  }
  // A round that failed leaves the lease from the round before, until it ends.
  const waitMs = member.lease ? RENEW_MS / 2 : waitAfterLoss(member, at.chance)
  const triedFor = member.lease ? undefined : round.reason
  return { ...member, seenEpoch, nextLookMs: at.nowMs + waitMs, triedFor }
}

/** Whether the vote of the member for itself in this round is of no use any more: it never acts under this epoch. */
export const isLost = ({ lease }: Member): boolean => lease === undefined

/**
 * The member after it has taken the lease. An order to switch to this member is done by that. If it has taken the lease by
 * itself, an order to switch to the other one is too old.
 */
export function afterTake(member: Member, reason: TakeReason, order: SwitchOrder | undefined): Member {
  if (order === undefined || order.turn <= member.doneTurn) return member
  return reason !== 'switched' || order.to === member.self ? { ...member, doneTurn: order.turn } : member
}

/** The member after a trial without a majority. */
export function afterTrial(
  member: Member,
  verdicts: readonly Verdict[],
  at: { nowMs: number; chance: number },
): Member {
  // A voter that was away may know a newer epoch. A trial raises no epoch by itself.
  const seenEpoch = Math.max(member.seenEpoch, ...verdicts.map(({ epoch }) => epoch))
  return { ...member, seenEpoch, nextLookMs: at.nowMs + waitAfterLoss(member, at.chance) }
}

const waitAfterLoss = ({ place }: Member, chance: number) => LOOK_MS + place * SECOND_WAIT_MS + chance * JITTER_MS

/** The member after it has stopped. */
export function afterEnd(member: Member, step: Extract<Step, { kind: 'end' }>, nowMs: number): Member {
  const waitMs = step.reason === 'lease-ended' ? LOOK_MS : YIELD_MS
  const doneTurn = Math.max(member.doneTurn, step.turn ?? 0)
  return { ...member, lease: undefined, unfitSinceMs: undefined, doneTurn, nextLookMs: nowMs + waitMs }
}

/** Notes since when the member cannot serve. */
export function withFitness(member: Member, { isFit, nowMs }: Pick<MemberFacts, 'isFit' | 'nowMs'>): Member {
  if (isFit) return member.unfitSinceMs === undefined ? member : { ...member, unfitSinceMs: undefined }
  return { ...member, unfitSinceMs: member.unfitSinceMs ?? nowMs }
}
