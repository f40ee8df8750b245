/** Procedures of the device link. */
import { implement } from '@orpc/server'
import type { DesiredDocument } from '@skerry/contract/desired'
import type { DeviceId } from '@skerry/contract/ids'
import { link } from '@skerry/contract/link'
import { parseCertificate } from '@skerry/platform/certificate'
import { checkRequest } from '@skerry/platform/certificate-authority'
import { issueCertificate } from '../devices/device-certificate.ts'
import { findDeviceById } from '../devices/device-store.ts'
import { hashPublicKey } from '../devices/public-key-hash.ts'
import { problem, throwProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { newestDocument } from './issued-store.ts'
import type { LinkConnection } from './link-connection.ts'
import type { ReportFlusher } from './report-flusher.ts'
import { waitForChange } from './wait-for-change.ts'

export type LinkCall = {
  hub: Hub
  connection: LinkConnection
  reports: ReportFlusher
  /** How long devices wait between reports, given how many there are. */
  reportIntervalMs: () => number
}

const os = implement(link).$context<LinkCall>()

/** Spreads what began at once, such as after a restart of the hub. */
const JITTER = 0.1

export const linkRouter = os.router({
  report: os.report.handler(async ({ context, input: report }) => {
    const { hub, connection, reports } = context
    const models = new Set(report.items.map(({ model }) => model))
    if (models.size < report.items.length) throw problem('input_invalid', 'two items have one model')
    const intervalMs = context.reportIntervalMs()
    const stored = await reports.submit(connection.deviceId, report, intervalMs)
    if (stored.kind === 'gone') {
      connection.refusal = problem('device_revoked')
      throw connection.refusal
    }
    connection.report = report
    const jittered = intervalMs * (1 - JITTER * hub.random())
    return { nextReportMs: Math.round(jittered), hubTimeMs: hub.clock.nowMs(), generation: stored.generation }
  }),

  desired: os.desired.handler(async function* ({ context: { hub, connection }, signal }) {
    const { deviceId, report } = connection
    if (!report) throw problem('input_invalid', 'report first: the hub must know what the device follows')
    const ended = AbortSignal.any([hub.signal, ...(signal ? [signal] : [])])
    let sent = report.observedGeneration
    while (!ended.aborted) {
      const changed = waitForChange(hub, deviceId, ended)
      const document = await offeredDocument(hub, deviceId)
      if (document && document.generation > sent) {
        sent = document.generation
        yield document
      }
      await changed
    }
  }),

  renew: os.renew.handler(async ({ context: { hub, connection }, input: { csr } }) => {
    const checked = await checkRequest(csr)
    if (!checked.ok) throwProblem(checked)
    const device = await findDeviceById(hub.store.db, connection.deviceId)
    if (!device) throw problem('device_revoked')
    if (hashPublicKey(checked.publicKeyPem) !== device.public_key_hash) {
      throw problem('csr_invalid', "the request is for another key than the device's; join again to change it")
    }
    const certificate = await issueCertificate(hub, { device, csr, source: connection.source })
    connection.notAfterMs = parseCertificate(certificate)?.notAfterMs ?? connection.notAfterMs
    return { certificate }
  }),
})

/** The newest document, unless the device is paused: then nothing is offered until a person resumes it. */
async function offeredDocument(hub: Hub, deviceId: DeviceId): Promise<DesiredDocument | undefined> {
  const device = await findDeviceById(hub.store.db, deviceId)
  if (!device || device.status === 'revoked') throw problem('device_revoked')
  return device.status === 'active' ? newestDocument(hub.store.db, deviceId) : undefined
}
