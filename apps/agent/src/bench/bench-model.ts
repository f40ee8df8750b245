/**
 * Bench: measures a version and its builds on this device: fetches their files, waits until the device is idle, and lets
 * the candidates take turns, each in a process of its own. Nothing of it is left behind, however it ends.
 */
import type { BenchCommand } from '@skerry/contract/builds/bench-command'
import type { BenchReport, CandidateResult, Candidate as Wanted } from '@skerry/contract/builds/measurement'
import { benchGroups } from '@skerry/core/builds/bench-plan'
import { measureInSittings, type OpenCandidate } from '@skerry/inference/bench/sittings'
import type { Terms } from '@skerry/inference/bench/take-turns'
import { hasNoRoom } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import { JobProblem } from '../jobs/job-problem.ts'
import type { VersionFiles } from '../runner/version-files.ts'
import type { ModelBlobs } from '../sealing/model-blobs.ts'
import { AGENT_VERSION } from '../version.ts'
import { type FetchDeps, fetchCandidates } from './fetch-candidates.ts'
import { type IdleDeps, openIdleWatch } from './idle-watch.ts'
import { openOne, sized } from './open-one.ts'
import { trySessions } from './try-sessions.ts'

export type BenchDeps = FetchDeps &
  IdleDeps & {
    /** Folders of their own: the runner removes those of versions that it does not have. */
    files: Pick<VersionFiles, 'withModel' | 'withOwnFiles'>
    blobs: Pick<ModelBlobs, 'fileOf'>
    clock: Clock
    memoryAvailableBytes(): number
    /** The processors that this process may use. */
    cores(): number
    hardwareClass(): Promise<string | undefined>
    /** Why nothing of the name may run here without a signature of its own; undefined if it may. */
    distrust(name: string): string | undefined
    /** Removes the folders, and the fetched files that no record of the device names. */
    clear(): Promise<void>
    /** Instruction sets are hidden from the hub, so a measurement would be one of another class. */
    isMasked: boolean
  }

/** Loading and the first turns take this long even for tiny models. */
const WAIT_RESERVE_MS = 3_000

/** Up to six settings of one build, where the builds before them are up to seven. */
const SESSIONS_SHARE = 0.4

/** One thread is how a version is served if nothing else is set. */
const THREADS = 1

/** Throws a JobProblem if the device cannot measure now. */
export async function benchModel(deps: BenchDeps, command: BenchCommand, signal: AbortSignal): Promise<BenchReport> {
  const hardwareClass = await permittedClass(deps, command)
  try {
    await fetchCandidates(deps, command.candidates, signal)
    const untilMs = deps.clock.monotonicMs() + command.seconds * 1_000
    const idle = await openIdleWatch(deps, untilMs - WAIT_RESERVE_MS, signal)
    const terms: Terms = { cpuPercent: command.cpuPercent, isBusy: idle.isBusy, clock: deps.clock, untilMs }
    const measured = await measureAll(deps, command, terms, signal)
    return { hardwareClass, agent: AGENT_VERSION, threads: THREADS, ...measured }
  } catch (error) {
    const isFull = hasNoRoom(error) || (error instanceof Error && hasNoRoom(error.cause))
    throw isFull ? new JobProblem({ code: 'storage_full', message: NO_ROOM }) : error
  } finally {
    await deps.clear()
  }
}

const NO_ROOM = 'the disk of the device is full; make room, then retry'

async function permittedClass({ isMasked, hardwareClass, distrust }: BenchDeps, { name }: BenchCommand) {
  if (isMasked) throw new JobProblem({ code: 'bench_masked', message: MASKED })
  const found = await hardwareClass()
  if (found === undefined)
    throw new JobProblem({ code: 'bench_masked', message: 'the device knows no class of its own' })
  const reason = distrust(name)
  if (reason !== undefined) throw new JobProblem({ code: 'signature_policy', message: reason })
  return found
}

const MASKED = 'the agent hides instruction sets (--hardware-mask), so it measures nothing; start it without the option'

export type Measured = Pick<BenchReport, 'runtime' | 'ended' | 'candidates'>

/** Settings of sessions are tried with the build that is the fastest, so they come last. */
async function measureAll(deps: BenchDeps, command: BenchCommand, terms: Terms, signal: AbortSignal) {
  if (!command.sessions && !command.batches) return measureGroups(deps, command, terms, signal)
  const leftMs = terms.untilMs - deps.clock.monotonicMs()
  const first = { ...terms, untilMs: terms.untilMs - leftMs * SESSIONS_SHARE }
  const measured = await measureGroups(deps, command, first, signal)
  return measured.ended === 'busy' ? measured : trySessions(deps, { command, measured }, terms, signal)
}

/** The groups share the time. The version runs in each of them, because a pair needs one moment. */
async function measureGroups(
  deps: BenchDeps,
  { candidates }: BenchCommand,
  terms: Terms,
  signal: AbortSignal,
): Promise<Measured> {
  const [version, ...builds] = candidates.map(sized)
  const groups = version && benchGroups({ version, builds }, deps.memoryAvailableBytes())
  if (!groups) throw new JobProblem({ code: 'bench_no_memory', message: NO_MEMORY })
  const parts: Measured[] = []
  for (const [place, group] of groups.entries()) {
    const leftMs = terms.untilMs - deps.clock.monotonicMs()
    const untilMs = terms.untilMs - (leftMs * (groups.length - 1 - place)) / (groups.length - place)
    parts.push(await measureGroup(deps, [version, ...group], { ...terms, untilMs }, signal))
  }
  const all = joined(parts)
  if (all.candidates.length === 0) throw new JobProblem(all.ended === 'busy' ? BUSY : NO_TIME)
  return all
}

const NO_MEMORY = 'the device has no free memory for the version and one build beside each other'

const BUSY = {
  code: 'bench_busy',
  message: 'a model of the device began to get requests before the first turn; measure again when the device is idle',
}

const NO_TIME = {
  code: 'bench_no_time',
  message: 'the time was over before the first turn; measure with more --seconds, or with fewer builds',
}

/** The version keeps the result of its first group: every speed is of pairs of its own group. */
function joined(parts: readonly Measured[]): Measured {
  const endings = new Set(parts.map(({ ended }) => ended))
  const results = parts.flatMap(({ candidates }) => candidates)
  const candidates = [...new Map(results.toReversed().map((each) => [each.digest, each])).values()].toReversed()
  const runtime = parts.find((part) => part.runtime !== '')?.runtime ?? ''
  const ended = (['busy', 'time'] as const).find((each) => endings.has(each)) ?? 'separated'
  return { runtime, ended, candidates }
}

async function measureGroup(
  deps: BenchDeps,
  group: readonly Wanted[],
  terms: Terms,
  signal: AbortSignal,
): Promise<Measured> {
  const open: OpenCandidate = (place, opening) => openOne(deps, { wanted: group[place] }, opening)
  const { ended, results, runtime } = await measureInSittings(group.length, open, terms, signal)
  const candidates = group.flatMap(({ build, digest }, place): CandidateResult[] => {
    const result = results[place]
    return result ? [{ ...(build && { build }), digest, ...result }] : []
  })
  return { runtime, ended, candidates }
}
