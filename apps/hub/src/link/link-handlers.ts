/** Handlers of the procedures of the device link. */
import { implement } from '@orpc/server'
import { readReport } from '@skerry/contract/devices/device-report'
import { AUTHORITIES } from '@skerry/contract/held/authorities'
import { link } from '@skerry/contract/link/link'
import { parseCertificate } from '@skerry/platform/certificates/certificate'
import { signCertificateReply } from '@skerry/platform/certificates/certificate-reply'
import { openJobs } from '../batches/job-stream.ts'
import type { ResultFlusher } from '../batches/result-flusher.ts'
import { openCommands } from '../commands/command-stream.ts'
import { renewCertificate } from '../devices/renew-certificate.ts'
import { takeJournal } from '../devices/take-journal.ts'
import { recordWipe } from '../devices/wipe-record.ts'
import type { HeldDesk } from '../held/held-desk.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { takeTelemetry } from '../telemetry/take-telemetry.ts'
import type { ClockWatch } from './clock-watch.ts'
import { openDesired, wake } from './desired-stream.ts'
import type { LinkConnection } from './link-connection.ts'
import type { ReportFlusher } from './reports/report-flusher.ts'
import type { ReportPace } from './reports/report-pace.ts'
import { tellOfRival } from './rival.ts'

export type LinkCall = {
  hub: Hub
  connection: LinkConnection
  reports: ReportFlusher
  results: ResultFlusher
  held: HeldDesk
  /** The interval between reports, given the number of devices. */
  reportIntervalMs: () => number
  pace: ReportPace
  clocks: ClockWatch
}

// Answers are the hub's own and typed, so only the input from devices is parsed.
const os = implement(link, { initialOutputValidationIndex: Number.NaN }).$context<LinkCall>()

const REPORT_FIRST = 'send a report first: it proves that the link works'

/** The minimum of the contract [contract, ReportReply.nextReportMs]. */
const SOONEST_MS = 1_000

/**
 * Within this time the hub requests an unstored report again. People who freed space see the fleet soon, and a hub
 * without space is not kept busy.
 */
const UNSTORED_RETRY_MS = 15_000

/** Spreads the reports of devices that began at once, such as after a restart of the hub. */
const JITTER = 0.1

export const linkRouter = os.router({
  report: os.report.handler(async ({ context, input }) => {
    const { report, unread } = readReport(input)
    const { hub, connection, reports } = context
    const names = new Set(report.items.map(({ name }) => name))
    if (names.size < report.items.length) throw problem('input_invalid', 'two items have one name')
    // The requested interval decides when a device counts as silent, even if the device reports more slowly for a
    // moment.
    const usualMs = context.reportIntervalMs()
    const intervalMs = await context.pace.intervalMs(connection.deviceId, usualMs)
    // Set before the report is stored, so that a change from here on counts as unseen.
    connection.mayDiffer = false
    const stored = await reports.submit(connection.deviceId, { report, unread }, usualMs)
    if (stored.kind === 'gone') {
      connection.refusal = problem('device_revoked')
      throw connection.refusal
    }
    connection.observedGeneration = report.observedGeneration
    if (stored.kind === 'stored') await context.clocks.look(connection, report.atMs)
    // The address of the other connection is unknown here: it is at another hub, or it reported while this one was
    // away.
    if (stored.kind === 'stored' && stored.isDuplicate) {
      const device = { id: connection.deviceId, organisation_id: connection.organisationId, name: connection.name }
      await tellOfRival(hub, device, { kept: connection.source, other: 'elsewhere' })
    }
    // If the device is behind for any reason, the stream sends the newest document.
    if (stored.generation > report.observedGeneration) wake(hub, connection)
    const waitMs = stored.kind === 'unstored' ? Math.min(UNSTORED_RETRY_MS, intervalMs) : intervalMs
    const jittered = waitMs * (1 - JITTER * hub.random())
    return {
      nextReportMs: Math.max(SOONEST_MS, Math.round(jittered)),
      hubTimeMs: hub.clock.nowMs(),
      generation: stored.generation,
    }
  }),

  desired: os.desired.handler(({ context: { hub, connection } }) => openDesired(hub, connection)),

  commands: os.commands.handler(({ context: { hub, connection }, input: { kinds } }) => {
    if (connection.observedGeneration === undefined) throw problem('input_invalid', REPORT_FIRST)
    return openCommands(hub.commands, connection, kinds)
  }),

  answer: os.answer.handler(({ context: { hub, connection }, input }) => ({
    counted: hub.commands.settle(connection.deviceId, input),
  })),

  jobs: os.jobs.handler(({ context: { hub, connection }, input: { kinds } }) => {
    if (connection.observedGeneration === undefined) throw problem('input_invalid', REPORT_FIRST)
    return openJobs(hub, connection, kinds)
  }),

  jobDone: os.jobDone.handler(async ({ context: { connection, results }, input }) => ({
    counted: await results.submit(connection.deviceId, input),
  })),

  documents: os.documents.handler(({ context: { held, connection }, input }) => held.open(connection, input.names)),

  held: os.held.handler(({ context: { held, connection }, input }) => held.hear(connection, input)),

  wipeBegun: os.wipeBegun.handler(async ({ context: { hub, connection } }) => {
    await recordWipe(hub, connection)
    return {}
  }),

  leave: os.leave.handler(async ({ context: { connection, reports } }) => {
    connection.ended = 'goodbye'
    // A report that is stored after the end of the link would make the device look online.
    await reports.settle(connection.deviceId)
    return {}
  }),

  journal: os.journal.handler(({ context: { hub, connection }, input }) => takeJournal(hub, connection, input)),

  telemetry: os.telemetry.handler(({ context: { hub, connection }, input }) => takeTelemetry(hub, connection, input)),

  renew: os.renew.handler(async ({ context: { hub, connection }, input: { csr } }) => {
    const { deviceId, source } = connection
    // A device that does not follow the authorities knows only the oldest one.
    const by = connection.held?.streams.has(AUTHORITIES.name) ? hub.authorities.active() : hub.authorities.oldest()
    const certificate = await renewCertificate(hub, { deviceId, csr, source, by })
    connection.notAfterMs = parseCertificate(certificate)?.notAfterMs ?? connection.notAfterMs
    return signCertificateReply(csr, { certificate }, hub.signing)
  }),
})
