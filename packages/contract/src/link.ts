/** The device link: what a device and the hub say to each other over the one WebSocket (mutual TLS) at `/v1/link`. */
import { eventIterator, oc } from '@orpc/contract'
import * as z from 'zod'
import { DesiredDocument } from './desired.ts'
import { DeviceReport, ReportReply } from './device-report.ts'
import { pickErrors } from './errors.ts'
import { CertificateRequest } from './join.ts'

const withLinkErrors = oc.errors(pickErrors('input_invalid', 'device_revoked', 'hub_unavailable', 'internal_error'))

export const LINK_PATH = '/v1/link'

/** A desired document of 256 items with their signatures stays under 1 MiB; a report is far smaller. */
export const LINK_MESSAGE_MAX = 1024 * 1024

export const link = {
  /** The device says how it is; asked at once on change, and as often as the answer says. */
  report: withLinkErrors.input(DeviceReport).output(ReportReply),
  /**
   * The hub says what the device should be: the newest document now if the device's last report is behind it, and again at each
   * change. Only after a report in the same connection, so that the hub knows what the device follows; nothing while conflict-paused.
   */
  desired: withLinkErrors.input(z.strictObject({})).output(eventIterator(DesiredDocument)),
  /** A new certificate for the device's key, before the old one ends. */
  renew: withLinkErrors
    .errors(pickErrors('csr_invalid'))
    .input(z.strictObject({ csr: CertificateRequest }))
    .output(z.strictObject({ certificate: z.string() })),
}
