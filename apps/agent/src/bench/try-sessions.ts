/**
 * Try sessions: runs the fastest build with other settings of its session, in turns with the version on one thread. A
 * device without a build that is faster than the version has nothing to try.
 */
import type { BenchCommand } from '@skerry/contract/builds/bench-command'
import type { CandidateResult, SessionResult, SessionSettings } from '@skerry/contract/builds/measurement'
import { benchGroups } from '@skerry/core/builds/bench-plan'
import { fastestBuild, sessionsFor } from '@skerry/core/builds/session-settings'
import { measureInSittings, type OpenCandidate, type Result } from '@skerry/inference/bench/sittings'
import type { Terms } from '@skerry/inference/bench/take-turns'
import type { BenchDeps, Measured } from './bench-model.ts'
import { openOne, sized } from './open-one.ts'

type Trying = { command: BenchCommand; measured: Measured }

/** The same results; that of the fastest build has its settings, too. */
export async function trySessions(
  deps: BenchDeps,
  { command, measured }: Trying,
  terms: Terms,
  signal: AbortSignal,
): Promise<Measured> {
  const fastest = fastestBuild(measured.candidates)
  const [version] = command.candidates
  const wanted = command.candidates.find(({ digest }) => digest === fastest?.digest)
  const settings = sessionsFor(deps.cores(), command)
  if (!fastest || !version || !wanted || settings.length === 0) return measured
  const { sizeBytes } = sized(wanted)
  const sizes = { version: { sizeBytes: sized(version).sizeBytes }, builds: settings.map(() => ({ sizeBytes })) }
  // Settings that do not fit into the memory beside the first ones are left out.
  const [first = []] = benchGroups(sizes, deps.memoryAvailableBytes()) ?? []
  const group = settings.slice(0, first.length)
  const open: OpenCandidate = (place, opening) => {
    const session = group[place - 1]
    return openOne(deps, session ? { wanted, session } : { wanted: version }, opening)
  }
  const { ended, results } = await measureInSittings(group.length + 1, open, terms, signal)
  const sessions = group.flatMap((session, place) => resultOf(session, results[place + 1]))
  const candidates = measured.candidates.map(
    (each): CandidateResult => (each === fastest && sessions.length > 0 ? { ...each, sessions } : each),
  )
  return { ...measured, ended: ended === 'busy' ? 'busy' : measured.ended, candidates }
}

const resultOf = (session: SessionSettings, result: Result): SessionResult[] =>
  result ? [{ ...session, ...result }] : []
