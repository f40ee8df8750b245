import type { DeviceDetail } from '@skerry/contract/devices/device'
import { DeploymentId } from '@skerry/contract/values/ids'
import { fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import { startTestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf } from '../stage/test-device.ts'

test('the hub keeps an item that it cannot read out of a report alone, and keeps what it read last of it', async () => {
  await using hub = await startTestHub()
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  const target = { revision: 1, version: 1, digest: fakeDigest(1), retryToken: 0 }
  const item = { kind: 'model', name: 'pump', deploymentId: DeploymentId.parse('dep_aaaaaaaa'), target, sinceMs: 1 }
  const pump = { ...item, state: 'active' }
  const oven = { ...item, name: 'oven', state: 'loading' }
  const report = (...items: object[]) => link.client.report({ ...reportOf(), items })
  const standing = async () => {
    const { items, conditions } = (await hub.ask<DeviceDetail>('GET', `/v1/devices/${device.name}`)).body
    return { items: items.map(({ name, state }) => `${name} ${state}`), codes: conditions.map(({ code }) => code) }
  }
  await report(pump, oven)
  expect(await standing()).toEqual({ items: ['oven loading', 'pump active'], codes: [] })
  await report({ ...pump, mood: 'good' }, { ...oven, state: 'singing' }, { ...item, name: 'ghost', kind: 'hologram' })
  expect(await standing()).toEqual({ items: ['oven loading', 'pump active'], codes: ['report_unreadable'] })
  await report(pump)
  expect(await standing()).toEqual({ items: ['pump active'], codes: [] })
})
