/** Device certificate: issues one for a device's key, and keeps it. */
import { issueDeviceCertificate } from '@skerry/platform/certificate-authority'
import { throwProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import type { DeviceTable } from '../store/foundation-tables.ts'
import type { Tx } from '../store/store.ts'
import { keepCertificate } from './device-store.ts'

/** Issues a certificate for the request, which the caller has found to be for the device's key. `also` joins the transaction that keeps it. */
export async function issueCertificate(
  hub: Hub,
  { id, organisation_id }: Pick<DeviceTable, 'id' | 'organisation_id'>,
  csr: string,
  also: (tx: Tx) => Promise<unknown> = () => Promise.resolve(),
): Promise<string> {
  const [nowMs, organisationId] = [hub.clock.nowMs(), organisation_id]
  const issued = await issueDeviceCertificate(hub.authority, { requestPem: csr, deviceId: id, organisationId, nowMs })
  if (!issued.ok) throwProblem(issued)
  await hub.store.transaction(async (tx) => {
    await keepCertificate(tx, id, issued.certificatePem)
    await also(tx)
  })
  return issued.certificatePem
}
