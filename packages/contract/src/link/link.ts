/**
 * The device link: the messages between a device and the hub over the one WebSocket (mutual TLS) at `/v1/link`. The
 * hub's signing key signs each message of a stream (link-message.ts): a device follows no order on the strength of the
 * connection alone. Each side drops fields of a message that it does not know: one of them may be years newer. Signed
 * content is strict all the same.
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

/** Sent once, and after each new connection until the device has reported that it has begun. */
export const WipeOrder = z.object({ kind: z.literal('wipe') })
export type WipeOrder = z.infer<typeof WipeOrder>

/** Among the kinds of jobs, a device that can be wiped names this one. */
export const WIPE_KIND = 'wipe'

export const link = {
  /** The device reports its state: at once on change, and at the interval of the answer. */
  report: withLinkErrors.input(ReportMessage).output(ReportReply),
  /**
   * The hub sends the desired state: the newest document now if the device's last report is behind it, and again at
   * each change. Only after a report in the same connection, so that the hub knows which document the device follows;
   * nothing while conflict-paused.
   */
  desired: withLinkErrors.input(z.object({})).output(eventIterator(signedMessage(DocumentMessage))),
  /**
   * The hub's commands to the device: first all that wait, then each command and each cancellation. Only after a report
   * in the same connection. The device names the kinds that it knows, so that no caller waits for an unknown one. A
   * command may come twice, over two connections: its id shows that it is the same.
   */
  commands: withLinkErrors
    .input(z.object({ kinds: z.array(z.string().max(32)).max(LINK_KINDS_MAX) }))
    .output(eventIterator(signedMessage(CommandMessage))),
  /**
   * Ends a command. Bytes that belong to the answer have been sent before, over HTTPS. The hub ignores an answer to a
   * command that is over.
   */
  answer: withLinkErrors.input(CommandAnswer).output(z.object({ counted: z.boolean() })),
  /**
   * The jobs of batches for the device, from rows of the hub: first all that were sent and not answered, then each new
   * job and each cancellation. It can also be the order to wipe the device. Only after a report in the same connection.
   * A job may come twice, over two connections, and is done once.
   */
  jobs: withLinkErrors
    .input(z.object({ kinds: z.array(z.string().max(32)).max(LINK_KINDS_MAX) }))
    .output(eventIterator(signedMessage(z.union([JobMessage, WipeOrder])))),
  /**
   * How a job ended. The hub answers when the result is on its disk. `counted` is false if the result was known, or the
   * job is over.
   */
  jobDone: withLinkErrors.input(JobResult).output(z.object({ counted: z.boolean() })),
  /**
   * The held documents (held/held-document.ts) of the names that the device follows, one after another. A document
   * comes only after `held` has reported the device's copy of that name: at once if the device should hold another,
   * then at each change. Only after a report in the same connection. The hub logs the names that the device does not
   * follow.
   */
  documents: withLinkErrors
    .input(z.object({ names: z.array(HeldName).max(HELD_NAMES_MAX) }))
    .output(eventIterator(signedMessage(HeldMessage))),
  /**
   * The device's report about its copy of one document: first in each connection, and again when it has stored a
   * document, or could not.
   */
  held: withLinkErrors.input(HeldReport).output(HeldReply),
  /** The device has written down that it deletes everything, and cannot stop. From now on the hub rejects it. */
  wipeBegun: withLinkErrors.input(z.object({})).output(z.object({})),
  /**
   * The device's journal, page by page. The device first sends no entries, to learn which of them the hub has. The hub
   * answers when the page is on its disk. A page may come twice, and counts once.
   */
  journal: withLinkErrors.input(JournalPage).output(JournalHeld),
  /**
   * Values of one lane of a queue of the device. The hub answers with the last number of that lane on its disk: a value
   * that comes twice counts once. Skipped numbers are lost, and counted.
   */
  telemetry: withLinkErrors.input(TelemetryBatch).output(TelemetryHeld),
  /** The agent stops, and ends the connection next. */
  leave: withLinkErrors.input(z.object({})).output(z.object({})),
  /** A new certificate for the device's key, before the old one ends. */
  renew: withLinkErrors
    .errors(pickErrors('csr_invalid'))
    .input(z.object({ csr: CertificateRequest }))
    .output(CertificateReply),
}
