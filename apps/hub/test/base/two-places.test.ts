/** One key in two places: a device that was cloned, or whose key was stolen; and a connection that is merely dead. */
import type { Alerts } from '@skerry/contract/alerts/alert'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf, type TestDevice } from '../stage/test-device.ts'

let aheadMs = 0
let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => Date.now() + aheadMs } })
})
afterAll(() => hub[Symbol.asyncDispose]())

const show = async ({ name }: TestDevice) => (await hub.ask<DeviceDetail>('GET', `/v1/devices/${name}`)).body
const alerts = async () => (await hub.ask<Alerts>('GET', '/v1/alerts')).body.alerts.map(({ id }) => id)
const recordsOf = async ({ id }: TestDevice) => {
  const { body } = await hub.ask<{ rows: AuditRecord[] }>('GET', `/v1/audit?object=${id}&action=device.duplicated`)
  return body.rows
}

test('the same certificate from two places at once: the one that is heard stays, the newer is refused, both are shown', async () => {
  const device = await joinDevice(hub, { site: 'oslo' })
  using original = await openLink(hub, device)
  await original.client.report(reportOf())
  for (let tries = 0; tries < 3; tries++) await expect(openLink(hub, device)).rejects.toThrow('device_duplicated')
  await original.client.report(reportOf())
  expect((await show(device)).duplicate).toMatchObject({ kept: '127.0.0.1', other: '127.0.0.1', times: 3 })
  expect(await alerts()).toContain('devices_duplicated:oslo')
  const events = await hub.ask<{ rows: { change: unknown }[] }>('GET', `/v1/devices/${device.name}/events`)
  expect(events.body.rows.map(({ change }) => change)).toContainEqual({
    kind: 'duplicated',
    kept: '127.0.0.1',
    other: '127.0.0.1',
  })
  // A copy that tries each minute is one record an hour, not one a try.
  expect(await recordsOf(device)).toMatchObject([{ result: 'device_duplicated', source: '127.0.0.1' }])
  await hub.ask('POST', `/v1/devices/${device.name}/revoke`, { body: { reason: 'copied' } })
  expect((await original.closed).reason).toBe('device_revoked')
  await expect(openLink(hub, device)).rejects.toThrow('device_revoked')
  expect(await alerts()).not.toContain('devices_duplicated:oslo')
})

test('a connection that nobody answers at any more gives way at once, and is no alarm', async () => {
  const device = await joinDevice(hub, { site: 'bergen' })
  using older = await openLink(hub, device)
  // As after a cable was pulled: what arrives is not read.
  older.socket.pause()
  using newer = await openLink(hub, device)
  expect((await newer.client.report(reportOf())).generation).toBe(0)
  expect((await show(device)).duplicate).toBeUndefined()
  older.socket.resume()
  expect(await older.closed).toEqual({ code: 4409, reason: 'replaced' })
})

test('a device that starts anew is no copy; one that speaks again after another start has spoken is', async () => {
  const device = await joinDevice(hub, { site: 'tromso' })
  const report = async (bootId: string) => {
    const link = await openLink(hub, device)
    await link.client.report(reportOf({ bootId }))
    link[Symbol.dispose]()
    await link.closed
  }
  for (const bootId of ['boot-000a', 'boot-000b', 'boot-000c', 'boot-000c', 'boot-000d']) await report(bootId)
  expect((await show(device)).duplicate).toBeUndefined()
  await report('boot-000c')
  expect((await show(device)).duplicate).toMatchObject({ kept: '127.0.0.1', other: 'elsewhere', times: 1 })
  expect(await recordsOf(device)).toHaveLength(1)
})

test('the finding goes after a day without the copy; the record stays', async () => {
  const device = await joinDevice(hub, { site: 'narvik' })
  using original = await openLink(hub, device)
  await expect(openLink(hub, device)).rejects.toThrow('device_duplicated')
  expect(await alerts()).toContain('devices_duplicated:narvik')
  aheadMs = 86_400_000 + 60_000
  expect(await alerts()).not.toContain('devices_duplicated:narvik')
  expect((await show(device)).duplicate).toBeUndefined()
  expect(await recordsOf(device)).toHaveLength(1)
  aheadMs = 0
  original.socket.close()
})
