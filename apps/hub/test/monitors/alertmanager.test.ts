/** Alertmanager: Debian's program takes the alert of a monitor, shows its labels, and has it end by itself. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@skerry/testkit/free-port'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { until } from '@skerry/testkit/until'
import { expect, onTestFinished, test } from 'vitest'
import { tellAlertmanagers } from '../../src/monitors/alertmanager.ts'
import { startTestHub } from '../stage/running-hub.ts'
import { monitoredModel, sendWindows, setMonitor } from './monitored.ts'

type Alert = { labels: Record<string, string>; annotations: { summary?: string }; endsAt: string }

/** With a receiver that nobody listens to. */
async function startAlertmanager(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-alertmanager-'))
  const [port, cluster] = [await freePort(), await freePort()]
  await writeFile(join(folder, 'config.yml'), 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n')
  const child = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${join(folder, 'config.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--cluster.listen-address=127.0.0.1:${cluster}`,
      '--cluster.advertise-address=127.0.0.1:9094',
    ],
    { stdio: 'ignore' },
  )
  onTestFinished(async () => {
    child.kill()
    if (child.exitCode === null) await once(child, 'exit')
    await rm(folder, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${port}`
  await until(async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true)
  return url
}

test.skipIf(!isInstalled('prometheus-alertmanager', '--version'))(
  'an alert is there with its labels, ends by itself, and a muted monitor sends none',
  async () => {
    const url = await startAlertmanager()
    await using hub = await startTestHub({ webhooks: { allowed: [{ host: '127.0.0.1' }] } })
    const fleet = await monitoredModel(hub)
    await setMonitor(hub, { alertmanager: url })
    await sendWindows(hub, fleet, [0, 3])
    const alerts = async () => (await (await fetch(`${url}/api/v2/alerts`)).json()) as Alert[]
    await hub.ask('PUT', '/v1/monitors/m/mute', { body: { seconds: 60, reason: 'a test' } })
    await tellAlertmanagers(hub.hub)
    expect(await alerts()).toEqual([])
    await hub.ask('DELETE', '/v1/monitors/m/mute')
    await tellAlertmanagers(hub.hub)
    const [alert, ...others] = await alerts()
    expect(others).toEqual([])
    expect(alert?.labels).toMatchObject({ alertname: 'SkerryModelMoved', model: 'm', version: '2' })
    expect(alert?.annotations.summary).toMatch(/^m:2: .*moved at site=hamburg$/)
    const endsInMs = Date.parse(alert?.endsAt ?? '') - hub.hub.clock.nowMs()
    expect(endsInMs).toBeGreaterThan(60_000)
    expect(endsInMs).toBeLessThan(180_000)
  },
)
