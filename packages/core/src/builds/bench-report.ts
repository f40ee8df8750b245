/**
 * Bench report: the measurements that a device reports for the command `bench-model`, judged before they are stored. A
 * report comes from a device, which may be broken or hostile, so it counts only for the candidates of its command and
 * for the device's own class.
 */
import type { BenchCommand } from '@skerry/contract/builds/bench-command'
import { BenchReport, type CandidateResult, type SessionResult, type Timing } from '@skerry/contract/builds/measurement'
import { parseJson } from '../values/parse-json.ts'

export type ReadReport = { ok: true; report: BenchReport } | { ok: false; message: string }

/** The command of the job, and the class of the device by its inventory; undefined if it reported none. */
export type ReportFacts = { command: BenchCommand; hardwareClass: string | undefined }

/** Reads the output of a job. The message says why it is no report. */
export function readBenchReport(output: string | undefined, facts: ReportFacts): ReadReport {
  const parsed = BenchReport.safeParse(parseJson(output ?? ''))
  if (!parsed.success) return { ok: false, message: `no report: ${parsed.error.issues[0]?.message ?? 'unreadable'}` }
  const message = reportProblem(parsed.data, facts)
  return message === undefined ? { ok: true, report: parsed.data } : { ok: false, message }
}

function reportProblem({ hardwareClass, candidates }: BenchReport, facts: ReportFacts): string | undefined {
  if (facts.hardwareClass !== undefined && facts.hardwareClass !== hardwareClass)
    return `it is for the class ${hardwareClass}, and the inventory of the device gives ${facts.hardwareClass}`
  if (new Set(candidates.map(({ digest }) => digest)).size < candidates.length) return 'it names a candidate twice'
  for (const result of candidates) {
    const message = resultProblem(result, facts.command)
    if (message !== undefined) return `candidate ${result.digest}: ${message}`
  }
  return undefined
}

function resultProblem({ build, digest, timing, problem, sessions }: CandidateResult, command: BenchCommand) {
  const known = command.candidates.find((candidate) => candidate.digest === digest)
  if (!known || known.build !== build) return 'the command does not name it'
  if ((timing === undefined) === (problem === undefined)) return 'it needs a timing or a problem, and not both'
  if (timing && build === undefined && timing.speed) return 'the version is not compared with itself'
  if (sessions?.some((one) => build === undefined || !isAsked(one, command)))
    return 'the command asks for no such settings of its session'
  return (timing && timingProblem(timing)) ?? sessions?.map(sessionProblem).find((message) => message !== undefined)
}

const isAsked = ({ batch }: SessionResult, { sessions, batches }: BenchCommand) =>
  (batch === undefined ? sessions : batches) === true

function sessionProblem({ timing, problem }: SessionResult): string | undefined {
  if ((timing === undefined) === (problem === undefined)) return 'settings need a timing or a problem, and not both'
  return timing && timingProblem(timing)
}

function timingProblem({ p50Ms, p95Ms, speed }: Timing): string | undefined {
  if (p95Ms < p50Ms) return 'its p95 is below its p50'
  if (speed && !(speed.low <= speed.middle && speed.middle <= speed.high)) return 'its interval is not in order'
  return undefined
}
