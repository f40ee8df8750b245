/**
 * The device link: what a device and the hub say to each other over the one WebSocket (mutual TLS) at `/v1/link`. The hub's signing key signs each message of
 * a stream (link-message.ts): a device obeys nothing on the word of the connection alone.
 */
import { eventIterator, oc } from '@orpc/contract'
import * as z from 'zod'
import { JournalHeld, JournalPage } from '../audit/device-journal.ts'
import { JobMessage, JobResult } from '../batches/job.ts'
import { DocumentMessage } from '../devices/desired.ts'
import { CommandAnswer, CommandMessage, LINK_KINDS_MAX } from '../devices/device-command.ts'
import { ReportMessage, ReportReply } from '../devices/device-report.ts'
import { pickErrors } from '../errors/errors.ts'
import { HELD_NAMES_MAX, HeldMessage, HeldName, HeldReply, HeldReport } from '../held/held-document.ts'
import { TelemetryBatch, TelemetryHeld } from '../hub/telemetry.ts'
import { CertificateReply, CertificateRequest } from '../joining/join.ts'
import { signedMessage } from './link-message.ts'

const withLinkErrors = oc.errors(
  pickErrors('input_invalid', 'device_revoked', 'rate_limited', 'hub_unavailable', 'internal_error'),
)

export const LINK_PATH = '/v1/link'

/** A desired document of 256 items with their signatures stays under 1 MiB; a report is far smaller. */
export const LINK_MESSAGE_MAX = 1024 * 1024

/** Once, and after each new connection until the device has said that it has begun. */
export const WipeOrder = z.object({ kind: z.literal('wipe') })
export type WipeOrder = z.infer<typeof WipeOrder>

/** Among the kinds of jobs, what a device says that can be wiped. */
export const WIPE_KIND = 'wipe'

export const link = {
  /** The device says how it is; asked at once on change, and as often as the answer says. */
  report: withLinkErrors.input(ReportMessage).output(ReportReply),
  /**
   * The hub says what the device should be: the newest document now if the device's last report is behind it, and again at each
   * change. Only after a report in the same connection, so that the hub knows what the device follows; nothing while conflict-paused.
   */
  desired: withLinkErrors.input(z.strictObject({})).output(eventIterator(signedMessage(DocumentMessage))),
  /**
   * What the hub asks of the device, as it comes up: first everything that waits, then each command and each cancellation. Only after a
   * report in the same connection. The device names the kinds that it knows, so that nobody waits for what it cannot do. A command may
   * come twice, over two connections: its id says that it is one.
   */
  commands: withLinkErrors
    .input(z.strictObject({ kinds: z.array(z.string().max(32)).max(LINK_KINDS_MAX) }))
    .output(eventIterator(signedMessage(CommandMessage))),
  /** Ends a command. Bytes that belong to the answer have been sent before, over HTTPS. An answer to what is over counts for nothing. */
  answer: withLinkErrors.input(CommandAnswer).output(z.strictObject({ counted: z.boolean() })),
  /**
   * What batches have the device do, as rows of the hub say: all that it has been told and not answered, then each further one and each that
   * must not begin any more; or that the device be wiped. Only after a report in the same connection. A job may come twice, over two connections, and is done once.
   */
  jobs: withLinkErrors
    .input(z.strictObject({ kinds: z.array(z.string().max(32)).max(LINK_KINDS_MAX) }))
    .output(eventIterator(signedMessage(z.union([JobMessage, WipeOrder])))),
  /** How a job ended. The answer says that it is on the hub's disk; `counted` is false for what was known, or is over. */
  jobDone: withLinkErrors.input(JobResult).output(z.strictObject({ counted: z.boolean() })),
  /**
   * The held documents (held/held-document.ts) of the names that the device follows, one after another. A document comes only after `held` has
   * reported what the device holds of that name: at once if the device should hold another, then at each change. Only after a report in the same
   * connection. The hub logs the names that the device does not follow.
   */
  documents: withLinkErrors
    .input(z.strictObject({ names: z.array(HeldName).max(HELD_NAMES_MAX) }))
    .output(eventIterator(signedMessage(HeldMessage))),
  /** What the device holds of one document: first in each connection, and again when it has taken a document, or could not. */
  held: withLinkErrors.input(HeldReport).output(HeldReply),
  /** The device has written down that it deletes everything, and cannot go back. It is refused from now on. */
  wipeBegun: withLinkErrors.input(z.strictObject({})).output(z.strictObject({})),
  /**
   * What the device has written down about itself, page by page; asked with no entries first, so that what the hub has is not sent again. The answer
   * says what is on the hub's disk: a page may come twice, and counts once.
   */
  journal: withLinkErrors.input(JournalPage).output(JournalHeld),
  /**
   * Values of one lane of a queue of the device. The answer says how far that lane is on the hub's disk: what comes twice counts once. Numbers that are left
   * out are lost, and counted.
   */
  telemetry: withLinkErrors.input(TelemetryBatch).output(TelemetryHeld),
  /** The agent stops, and ends the connection next. */
  leave: withLinkErrors.input(z.strictObject({})).output(z.strictObject({})),
  /** A new certificate for the device's key, before the old one ends. */
  renew: withLinkErrors
    .errors(pickErrors('csr_invalid'))
    .input(z.strictObject({ csr: CertificateRequest }))
    .output(CertificateReply),
}
