/** The hub's own certificate, renewed while it runs: nobody who is connected notices, and whoever connects sees the new one. */
import { connect, type PeerCertificate } from 'node:tls'
import { fingerprintOf } from '@skerry/platform/certificates/certificate'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { systemClock } from '@skerry/platform/process/clock'
import { createLog } from '@skerry/platform/process/log'
import { expect, test } from 'vitest'
import { openServerCertificate } from '../../src/identity/server-certificate.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf } from '../stage/test-device.ts'

const DAY_MS = 86_400_000

/** The SHA-256 of what the hub shows to somebody who comes now. It is not judged: its time is not ours. */
function shownBy({ url }: TestHub): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const { fingerprint256 } = socket.getPeerCertificate() as PeerCertificate
      socket.destroy()
      resolve(fingerprint256.replaceAll(':', '').toLowerCase())
    })
    socket.on('error', reject)
  })
}

test('it is renewed at two thirds of its life, and a device that is connected stays connected', async () => {
  let aheadMs = 0
  await using hub = await startTestHub({ clock: { ...systemClock, nowMs: () => Date.now() + aheadMs } })
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const { serverCertificate, config } = hub.hub
  const first = await shownBy(hub)
  expect(first).toBe(fingerprintOf(config.serverCertificatePem))
  aheadMs = 480 * DAY_MS
  expect(await serverCertificate.look()).toBe(false)
  aheadMs = 490 * DAY_MS
  expect(await serverCertificate.look()).toBe(true)
  const second = await shownBy(hub)
  expect(second).not.toBe(first)
  expect(second).toBe(fingerprintOf(config.serverCertificatePem))
  expect(config.certificateNotAfterMs).toBeGreaterThan(Date.now() + 1_200 * DAY_MS)
  expect(hub.hub.cluster.isShared || (await hub.hub.cluster.members())[0]?.certificateFingerprint).toBe(second)
  // The link that began with the old one works; by a clock at which the device's own certificate counts.
  aheadMs = 0
  expect((await link.client.report(reportOf())).generation).toBe(0)
  expect(await serverCertificate.look()).toBe(false)
})

test("the customer's files are read anew; half of a new pair changes nothing", async () => {
  const authority = await createAuthority({ commonName: 'Plant CA', nowMs: Date.now() })
  const issue = () => issueServerCertificate(authority, { names: ['hub.example'], nowMs: Date.now() })
  const old = await issue()
  const next = await issue()
  let files: typeof old | undefined = old
  const seen: string[] = []
  const log = createLog({ name: 'hub', level: 'silent' })
  const served = await openServerCertificate(async () => files, log)
  served.onChange(({ certificatePem }) => void seen.push(certificatePem))
  files = undefined
  expect(await served.look()).toBe(false)
  expect(served.current()).toBe(old)
  files = next
  expect([await served.look(), await served.look()]).toEqual([true, false])
  expect(seen).toEqual([next.certificatePem])
})
