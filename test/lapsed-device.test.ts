/** A real agent that is switched off until its certificate has long ended: it comes back by its key, by itself, without a token. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { parseCertificate } from '@skerry/platform/certificates/certificate'
import { systemClock } from '@skerry/platform/process/clock'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from '../apps/agent/test/stage/agent-process.ts'
import { startTestHub } from '../apps/hub/test/stage/running-hub.ts'

const DAY_MS = 86_400_000

test('a real agent whose certificate lapsed while it was off gets another by its key', async () => {
  let aheadMs = 0
  await using hub = await startTestHub({ clock: { ...systemClock, nowMs: () => Date.now() + aheadMs } })
  await hub.ask('PUT', '/v1/sites/oslo', { body: { kind: 'edge' } })
  const { body } = await hub.ask<{ token: string }>('POST', '/v1/join-tokens', { body: { site: 'oslo' } })
  const data = await temporaryFolder()
  const certificate = async () => {
    const identity = JSON.parse(await readFile(join(data, 'identity.json'), 'utf8')) as { certificate: string }
    return parseCertificate(identity.certificate)
  }
  const first = startAgent(data, '--join', body.token)
  await first.logged('link_up')
  const before = await certificate()
  await first.kill()

  aheadMs = 500 * DAY_MS
  await using again = startAgent(data)
  await again.logged('link_down', ({ code }) => code === 'certificate_lapsed')
  await again.logged('certificate_renewed')
  await again.logged('link_up')
  const after = await certificate()
  expect(after?.serial).not.toBe(before?.serial)
  expect(after?.notAfterMs).toBeGreaterThan(Date.now() + 800 * DAY_MS)
  const trail = await hub.ask<{ rows: AuditRecord[] }>('GET', '/v1/audit?action=device.rejoin')
  expect(trail.body.rows).toMatchObject([{ result: 'ok', actor: { kind: 'device' } }])
})
