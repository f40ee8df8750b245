/**
 * Link: keeps the device in touch with its hub, for ever: connects, reports, follows what the hub wants. Levels only: whatever is lost is
 * said again at the next connection. Nothing that serves depends on it.
 */
import { ORPCError } from '@orpc/client'
import { DocumentMessage } from '@skerry/contract/devices/desired'
import { ReportReply, type SentReport } from '@skerry/contract/devices/device-report'
import { backoffMs } from '@skerry/core/values/backoff'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { DeviceJournal } from '../auditing/device-journal.ts'
import { followJournal } from '../auditing/journal-stream.ts'
import type { CommandDesk } from '../commands/command-desk.ts'
import { followCommands } from '../commands/command-stream.ts'
import type { Conditions } from '../conditions.ts'
import type { TelemetryWay } from '../connections/telemetry-way.ts'
import { followDocuments } from '../held/follow-documents.ts'
import type { HeldDocument } from '../held/held-document.ts'
import { createHeldProblems, type HeldProblems } from '../held/held-problems.ts'
import type { JobDesk } from '../jobs/job-desk.ts'
import { followJobs, type WipeDevice } from '../jobs/job-stream.ts'
import type { Identity } from '../joining/identity.ts'
import type { Renewal } from '../joining/renewal.ts'
import { createWakeUp } from '../wake-up.ts'
import { connectLink } from './link-connection.ts'
import { CLOCK_SLACK_MS, LINK_CONDITIONS, linkTrouble } from './link-trouble.ts'
import { reportKey } from './report.ts'
import { HubUnproved, type LinkClient } from './signed-streams.ts'
import { createTlsMemory, type TlsMemory } from './tls-memory.ts'

export type LinkDeps = {
  clock: Clock
  random: () => number
  log: Log
  conditions: Conditions
  identity(): Identity
  privateKey: string
  report(): Promise<SentReport>
  onDocument(document: DocumentMessage): void
  /** None where a device is simulated: then the keys and roots of joining count. */
  held: readonly HeldDocument<unknown, unknown>[]
  /** The hub answered, and this is its time. */
  onHubTime(timeMs: number): void
  renewal: Renewal
  /** Absent where a device is simulated: then it is asked nothing. */
  commands?: CommandDesk
  /** Absent where no batch reaches the device. */
  jobs?: JobDesk
  /** Absent where the device has no values for its hub. */
  telemetry?: TelemetryWay
  /** Absent where nothing is written down: where a device is simulated. */
  journal?: DeviceJournal
  /** Absent where nothing can be wiped. */
  wipe?: WipeDevice | undefined
  /** Reports that tell nothing new come no more often. */
  reportIntervalMinMs?: () => number
  /** `connectLink`, or what stands around it where a device is simulated. */
  connect?: typeof connectLink
}

export type Link = {
  /** A report may have changed. */
  touch(): void
  /** A report goes out soon, whatever it says. */
  reportNow(): void
  /** Works until aborted. */
  run(signal: AbortSignal): Promise<void>
}

/** A thousand devices that lost their hub together return within seconds, not at once; one that is down hears little. */
const BACKOFF = { baseMs: 1_000, maxMs: 60_000 }

/**
 * A hub that has signed nothing by then is another one. Its first signed message comes at once; the longest needs 40 s on a line of 10 kB/s.
 * The rest is for a hub whose database is away for a moment: it tries again each second.
 */
const PROOF_MS = 120_000

/** Changes within a fifth of a second are one report: the hub is spared, and nobody sees the difference. */
const REPORT_GAP_MS = 200

/** The first report says nothing about these: the hub's time and its word count after its proof. */
const PROVED_LATER: ReadonlySet<string> = new Set(['clock_wrong', 'hub_unproved'])

/** Far less than a supervisor gives an agent to stop. */
const GOODBYE_MS = 1_000

/** A hub that does not answer a report within this is gone, whatever the connection says. */
const ANSWER_TIMEOUT_MS = 30_000

/** Not connected yet. */
export function createLink(deps: LinkDeps): Link {
  const changed = createWakeUp(deps.clock)
  const tls = createTlsMemory()
  const wish = { isReportWanted: false }
  const problems = createHeldProblems(deps)
  return {
    touch: changed.wake,
    reportNow() {
      wish.isReportWanted = true
      changed.wake()
    },
    async run(signal) {
      for (let failures = 0; ; ) {
        const started = deps.clock.monotonicMs()
        const trouble = await linkOnce({ ...deps, changed, wish, tls, problems }, signal)
        // A link that held for a while was a good one: the next try is a first.
        failures = deps.clock.monotonicMs() - started > BACKOFF.maxMs ? 0 : failures + 1
        deps.log.info('link_down', trouble)
        if (trouble === RENEWED) {
          failures = 0
          continue
        }
        if (trouble.code === 'certificate_lapsed') await deps.renewal.rejoin(signal)
        await deps.clock.sleep(backoffMs(Math.max(0, failures - 1), BACKOFF, deps.random()), signal)
      }
    },
  }
}

type Wish = { isReportWanted: boolean }
type Linking = LinkDeps & {
  changed: ReturnType<typeof createWakeUp>
  wish: Wish
  tls: TlsMemory
  problems: HeldProblems
}
type Trouble = { code: string; message: string }

/** No trouble: the next connection shows the new certificate, and does not wait. */
const RENEWED: Trouble = { code: 'certificate_renewed', message: 'to connect with the new certificate' }

/** One connection from its beginning to its end; gives why it ended. */
async function linkOnce(it: Linking, signal: AbortSignal): Promise<Trouble> {
  const identity = it.identity()
  const connected = await (it.connect ?? connectLink)({ ...identity, privateKey: it.privateKey, tls: it.tls }, signal)
  if (!connected.ok) {
    tellTrouble(it, connected, identity)
    return connected
  }
  using connection = connected.connection
  const ended = AbortSignal.any([signal, connection.closed])
  try {
    const isRenewed = await Promise.race([
      converse(it, connection.client, ended).then(() => true),
      whenAborted(ended).then(() => false),
    ])
    signal.throwIfAborted()
    if (isRenewed) return RENEWED
    const trouble = { code: connection.reason() ?? 'link_closed', message: 'the connection ended' }
    tellTrouble(it, trouble, identity)
    return trouble
  } catch (error) {
    signal.throwIfAborted()
    const trouble = troubleOf(error)
    tellTrouble(it, trouble, identity)
    return trouble
  } finally {
    if (signal.aborted && !connection.closed.aborted) await sayGoodbye(connection.client)
  }
}

/** The hub knows at once that the agent was stopped, and people need not wait for silence. A hub that does not answer learns it from the closed connection. */
async function sayGoodbye(client: LinkClient): Promise<void> {
  try {
    await client.leave({}, { signal: AbortSignal.timeout(GOODBYE_MS) })
  } catch {
    // The agent ends whatever the hub says.
  }
}

/** Reports and listens; returns when there is a reason to connect anew. */
async function converse(it: Linking, client: LinkClient, signal: AbortSignal): Promise<void> {
  let sent = await sendReport(it, client, await it.report(), signal)
  const proof: Proof = { isGiven: false }
  it.log.info('link_up', { hub: it.identity().hub, generation: sent.reply.generation })
  for (const code of LINK_CONDITIONS) if (!PROVED_LATER.has(code)) it.conditions.clear(code)
  const following = Promise.race(
    followHub(it, client, { signal, onProof: () => believe(it, client, { proof, sent, signal }) }),
  )
  for (;;) {
    const leftMs = Math.max(0, sent.nextAtMs - it.clock.monotonicMs())
    await Promise.race([it.changed.wait(leftMs, signal), following])
    if (proof.isGiven && (await it.renewal.renewIfDue(client, signal))) return
    const report = await it.report()
    const isDue = it.wish.isReportWanted || it.clock.monotonicMs() >= sent.nextAtMs
    if (!isDue && reportKey(report) === sent.key) continue
    it.wish.isReportWanted = false
    sent = await sendReport(it, client, report, signal)
    if (proof.isGiven) hearTime(it, sent.reply.hubTimeMs)
    await it.clock.sleep(REPORT_GAP_MS, signal)
  }
}

/** Whether the hub has shown that it has the signing key, and not the TLS key alone. */
type Proof = { isGiven: boolean }
type Believing = { proof: Proof; sent: Sent; signal: AbortSignal }

/** From here on the hub's replies count, too: its time, its receipts for values and entries, and its certificates. */
function believe(it: Linking, client: LinkClient, { proof, sent, signal }: Believing): void {
  if (proof.isGiven) return
  proof.isGiven = true
  it.conditions.clear('hub_unproved')
  hearTime(it, sent.reply.hubTimeMs)
  it.telemetry?.use(client, signal)
  it.changed.wake()
}

type Following = { signal: AbortSignal; onProof(): void }

/** All that the hub says by itself. */
function followHub(it: Linking, client: LinkClient, { signal, onProof }: Following): Promise<never>[] {
  // The first message of this stream comes at once, and it is signed for this connection.
  const heard = Promise.withResolvers<void>()
  const proved = heard.promise.then(() => {
    // What was heard last may still be written to disk when the connection is over, and another one is up.
    signal.throwIfAborted()
    onProof()
  })
  const { held: documents, problems, journal, jobs, wipe } = it
  const isProofDue = documents.some(({ begins }) => begins === 'proof')
  if (!isProofDue) heard.resolve()
  return [
    ...(documents.length > 0
      ? [followDocuments({ documents, problems, proved, onProof: heard.resolve }, client, signal)]
      : []),
    ...(isProofDue ? [demandProof(it.clock, proved, signal)] : []),
    // A document may be signed by a key that the device has yet to hear of.
    proved.then(() => followDesired(it, client, signal)),
    ...(it.commands ? [followCommands(it.commands, client, signal)] : []),
    // These report what the device has, and let it forget what the hub has, too: another hub must not hear or say that.
    ...(journal ? [proved.then(() => followJournal(journal, client, { ...it, signal }))] : []),
    ...(jobs ? [proved.then(() => followJobs({ desk: jobs, wipe }, client, signal))] : []),
  ]
}

/** Never returns; throws where no proof comes. A thief that stays silent would keep the device from its hub for ever. */
async function demandProof(clock: Pick<Clock, 'sleep'>, proved: Promise<void>, signal: AbortSignal): Promise<never> {
  const given = new AbortController()
  const late = clock.sleep(PROOF_MS, AbortSignal.any([signal, given.signal]))
  const isInTime = await Promise.race([proved.then(() => true), late.then(() => false)])
  given.abort()
  if (isInTime) return new Promise(() => {})
  throw new HubUnproved(`the hub sent no signature within ${PROOF_MS / 1_000} s`)
}

type Sent = { key: string; reply: ReportReply; nextAtMs: number }

async function sendReport(it: Linking, client: LinkClient, report: SentReport, signal: AbortSignal): Promise<Sent> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)])
  const reply = ReportReply.parse(await client.report(report, { signal: limited }))
  const nextMs = Math.max(reply.nextReportMs, it.reportIntervalMinMs?.() ?? 0)
  return { key: reportKey(report), reply, nextAtMs: it.clock.monotonicMs() + nextMs }
}

/** Never returns: a hub that ends the stream has something wrong with it, and is asked anew. */
async function followDesired(it: Linking, client: LinkClient, signal: AbortSignal): Promise<never> {
  for await (const offered of await client.desired({}, { signal })) {
    const document = DocumentMessage.safeParse(offered)
    if (document.success) {
      it.problems.readable('desired')
      it.onDocument(document.data)
    } else {
      it.problems.unreadable('desired', document.error.issues[0]?.message ?? 'it cannot be read')
    }
  }
  throw new Error('the hub ended the stream of desired documents')
}

function hearTime(it: Linking, hubTimeMs: number): void {
  const nowMs = it.clock.nowMs()
  const minutes = Math.round((nowMs - hubTimeMs) / 60_000)
  const message = `the clock is ${Math.abs(minutes)} min ${minutes > 0 ? 'ahead of' : 'behind'} the clock of the hub; set it`
  if (Math.abs(nowMs - hubTimeMs) > CLOCK_SLACK_MS) it.conditions.raise({ code: 'clock_wrong', message })
  else it.conditions.clear('clock_wrong')
  it.onHubTime(hubTimeMs)
}

function tellTrouble(it: Linking, trouble: Trouble, { certificate }: Identity): void {
  const cause = linkTrouble(trouble, certificate, it.clock.nowMs())
  if (cause) it.conditions.raise(cause)
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof HubUnproved) return { code: error.code, message: error.message }
  if (error instanceof ORPCError) return { code: String(error.code), message: error.message }
  return { code: 'link_failed', message: error instanceof Error ? error.message : String(error) }
}

const whenAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
