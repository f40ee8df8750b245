/**
 * Vote box: the votes of this device, one for each pair. A vote is on the disk before its voter answers, so that a crash
 * never lets it grant one epoch to two members.
 */
import { join } from 'node:path'
import { PairId } from '@skerry/contract/values/ids'
import {
  abandonVote,
  type Ballot,
  guard,
  judgeBallot,
  type Verdict,
  type Vote,
  voteAfterStart,
} from '@skerry/core/pairs/vote'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import * as z from 'zod'

export type VoteBox = {
  vote(pair: PairId): Vote
  /** One ballot after the other. Rejects if the disk does not take the vote: then it counts for nothing. */
  judge(pair: PairId, ballot: Ballot): Promise<Verdict>
  /** The own vote of a member for itself, after a lost round. A crash forgets it, and then the vote is guarded. */
  abandon(pair: PairId, lost: Omit<Ballot, 'kind'>): Promise<void>
  /** The last planned switch that this device has obeyed. */
  doneTurn(pair: PairId): number
  /** It is on the disk when this resolves. */
  keepTurn(pair: PairId, turn: number): Promise<void>
  /** Forgets the votes of all other pairs. */
  keepOnly(pairs: readonly PairId[]): Promise<void>
}

/** Pairs have random ids. A file of a later agent may have more fields. */
const Kept = z.object({
  pair: PairId,
  epoch: z.int().min(0),
  holder: z.string().max(64).optional(),
  doneTurn: z.int().min(0).default(0),
})
/** One vote that cannot be read must not cost the others. */
const VotesFile = z.object({ v: z.literal(1), votes: z.array(z.unknown()).max(64) })
type Kept = z.infer<typeof Kept>

type Box = {
  fileSystem: FileSystem
  path: string
  bootMs: () => number
  kept: Map<PairId, Kept>
  votes: Map<PairId, Vote>
  /** Of this box: a pair that is new here may have been voted for by a disk that is lost. */
  openedMs: number
  turn: Promise<unknown>
}

type BoxDeps = { fileSystem: FileSystem; data: string; bootMs: () => number; log: Log }

/** Reads the votes on the disk. A damaged file counts as none, and each vote is guarded for a whole lease. */
export async function openVoteBox({ fileSystem, data, bootMs, log }: BoxDeps): Promise<VoteBox> {
  const path = join(data, 'pair-votes.json')
  const bytes = await readIfPresent(fileSystem, path)
  const read = bytes && parse(bytes)
  if (bytes && !read?.isWhole) log.error('pair_votes_damaged', { path })
  const kept = new Map((read?.votes ?? []).map((vote): [PairId, Kept] => [vote.pair, vote]))
  const box: Box = { fileSystem, path, bootMs, kept, votes: new Map(), openedMs: bootMs(), turn: Promise.resolve() }
  return {
    vote: (pair) => voteIn(box, pair),
    judge: (pair, ballot) => inTurn(box, () => judge(box, pair, ballot)),
    abandon: (pair, lost) => inTurn(box, async () => void box.votes.set(pair, abandonVote(voteIn(box, pair), lost))),
    doneTurn: (pair) => kept.get(pair)?.doneTurn ?? 0,
    keepTurn: (pair, doneTurn) => inTurn(box, () => keep(box, { ...(kept.get(pair) ?? { pair, epoch: 0 }), doneTurn })),
    keepOnly: (pairs) => inTurn(box, () => keepOnly(box, pairs)),
  }
}

function parse(bytes: Uint8Array) {
  try {
    const file = VotesFile.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
    const votes = file?.votes.map((vote) => Kept.safeParse(vote).data)
    return votes && { votes: votes.filter((vote) => vote !== undefined), isWhole: !votes.includes(undefined) }
  } catch {
    return undefined
  }
}

function inTurn<Result>(box: Box, work: () => Promise<Result>): Promise<Result> {
  const mine = box.turn.then(work, work)
  box.turn = mine.catch(() => undefined)
  return mine
}

function voteIn(box: Box, pair: PairId): Vote {
  const known = box.votes.get(pair)
  if (known) return known
  const opened = voteAfterStart(box.kept.get(pair), box.openedMs)
  box.votes.set(pair, opened)
  return opened
}

async function judge(box: Box, pair: PairId, ballot: Ballot): Promise<Verdict> {
  const { vote, verdict, toKeep } = judgeBallot(voteIn(box, pair), ballot, box.bootMs())
  if (toKeep) {
    await keep(box, { doneTurn: 0, ...box.kept.get(pair), pair, ...toKeep })
    box.votes.set(pair, guard(vote, box.bootMs()))
  } else box.votes.set(pair, vote)
  return verdict
}

async function keep(box: Box, vote: Kept): Promise<void> {
  const next = new Map(box.kept).set(vote.pair, vote)
  await store(box, next)
  box.kept.set(vote.pair, vote)
}

async function keepOnly(box: Box, pairs: readonly PairId[]): Promise<void> {
  const stale = [...box.kept.keys()].filter((pair) => !pairs.includes(pair))
  if (stale.length === 0) return
  const next = new Map([...box.kept].filter(([pair]) => !stale.includes(pair)))
  await store(box, next)
  for (const pair of stale) {
    box.kept.delete(pair)
    box.votes.delete(pair)
  }
}

const store = ({ fileSystem, path }: Box, votes: ReadonlyMap<PairId, Kept>) =>
  writeAtomic(fileSystem, path, JSON.stringify({ v: 1, votes: [...votes.values()] }))
