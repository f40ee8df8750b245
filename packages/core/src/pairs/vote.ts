/**
 * Votes of a pair: three voters (two members and a witness) grant a lease to one member. A majority of them makes a
 * member active. All times are of the voter's own clock since its start, which no person can set.
 *
 * Fencing by time: a voter grants nothing to another member before the lease of the holder has certainly ended. The
 * holder counts its lease from the moment before it sent the request, the voter from the moment after it received it.
 */

/** Members of a pair are named by the ids of their devices. */
export type VoterId = string

export const LEASE_MS = 2_000

/** The rates of two clocks differ by at most this share each. Crystals differ by a ten thousandth. */
export const CLOCK_DRIFT_MAX = 0.02

/** The clock since the start of the machine has steps of 10 ms, and is read at both ends. */
const CLOCK_STEP_MS = 50

/** A voter that has granted the lease grants it to nobody else for this time. */
export const GUARD_MS: number = Math.ceil((LEASE_MS * (1 + CLOCK_DRIFT_MAX)) / (1 - CLOCK_DRIFT_MAX)) + CLOCK_STEP_MS

/** The part of a vote that outlives a crash. An epoch belongs to one member. */
export type KeptVote = { epoch: number; holder?: VoterId | undefined }

/** `guardedUntilMs`: until then the vote is the holder's alone. */
export type Vote = KeptVote & {
  guardedUntilMs: number
  isReleased?: boolean | undefined
  /** Of a member for itself: its round was lost, and it will never act under this epoch. */
  isAbandoned?: boolean | undefined
}

/** An honest member raises the epoch by one. Without a limit a single ballot could use up all of them. */
export const EPOCH_STEP_MAX = 1_000_000

export type Ballot = {
  candidate: VoterId
  epoch: number
  /** trial: would you grant it? A trial changes nothing, so that a hopeless candidate disturbs nobody. */
  kind: 'trial' | 'grant' | 'release'
}

export type Verdict = {
  isGranted: boolean
  /** The newest epoch that the voter knows. */
  epoch: number
  holder?: VoterId | undefined
}

/** A voter that starts does not know how long its last grant counts, so it guards it for a whole lease. */
export const voteAfterStart = (kept: KeptVote | undefined, nowMs: number): Vote => ({
  ...(kept ?? { epoch: 0 }),
  guardedUntilMs: nowMs + GUARD_MS,
})

/** Whether the voter would grant the lease. */
export function mayGrant(vote: Vote, { candidate, epoch }: Omit<Ballot, 'kind'>, nowMs: number): boolean {
  if (epoch > vote.epoch + EPOCH_STEP_MAX) return false
  if (vote.holder === candidate) return epoch >= vote.epoch
  if (vote.isAbandoned) return epoch >= vote.epoch
  return epoch > vote.epoch && nowMs >= vote.guardedUntilMs
}

/** `toKeep`: the voter stores this part on the disk before it answers. */
export type Judged = { vote: Vote; verdict: Verdict; toKeep?: KeptVote }

/** Judges a ballot. The guard begins at `nowMs`: a voter that had to store the vote renews it afterwards (`guard`). */
export function judgeBallot(vote: Vote, ballot: Ballot, nowMs: number): Judged {
  const { candidate, epoch, kind } = ballot
  const isHolder = vote.holder === candidate && vote.epoch === epoch
  if (kind === 'release') {
    const released = isHolder ? { ...vote, guardedUntilMs: nowMs, isReleased: true } : vote
    return { vote: released, verdict: verdictOf(released, isHolder) }
  }
  if (!mayGrant(vote, ballot, nowMs)) return { vote, verdict: verdictOf(vote, false) }
  if (kind === 'trial') return { vote, verdict: verdictOf(vote, true) }
  // A late copy of a request must not give back a lease that its holder has ended.
  if (isHolder && vote.isReleased) return { vote, verdict: verdictOf(vote, false) }
  const kept = { epoch, holder: candidate }
  const granted: Vote = { ...kept, guardedUntilMs: nowMs + GUARD_MS }
  return { vote: granted, verdict: verdictOf(granted, true), ...(isHolder ? {} : { toKeep: kept }) }
}

/**
 * The own vote of a member after a lost round. Without this, a candidate that lost against another one with the same
 * epoch would block it for a whole lease.
 */
export const abandonVote = (vote: Vote, { candidate, epoch }: Omit<Ballot, 'kind'>): Vote =>
  vote.holder === candidate && vote.epoch === epoch ? { ...vote, isAbandoned: true } : vote

/** The vote after it was stored: its guard counts from now. */
export const guard = (vote: Vote, nowMs: number): Vote => ({ ...vote, guardedUntilMs: nowMs + GUARD_MS })

const verdictOf = ({ epoch, holder }: Vote, isGranted: boolean): Verdict => ({ isGranted, epoch, holder })
