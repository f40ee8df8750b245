import { randomBytes } from 'node:crypto'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { startTestHub } from '../stage/running-hub.ts'
import { joinDevice } from '../stage/test-device.ts'
import { upload } from '../stage/test-model.ts'

test('the devices of a site fetch the budget of the site together, and continue on the next day', async () => {
  let nowMs = Date.UTC(2026, 10, 30, 12)
  await using hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  const first = await joinDevice(hub)
  const second = await joinDevice(hub)
  const bytes = randomBytes(700_000)
  await upload(hub, bytes)
  const path = `/v1/blobs/${digestOf(bytes)}`
  const spec = { siteDownloadMbPerDay: 1 }
  expect((await hub.ask('PUT', '/v1/settings/organisation', { body: { spec } })).status).toBe(200)
  const fetched = (certificate: typeof first, range = 'bytes=0-') =>
    hub.ask('GET', path, { key: null, certificate, headers: { range } }).then(
      ({ status, headers, body }) => ({ status, body, retryAfter: headers['retry-after'] }),
      () => 'cut' as const,
    )
  expect(await fetched(first)).toMatchObject({ status: 206 })
  // The hub counts ahead, and gives back the rest just after the last byte.
  await until(async () => (await fetched(second)) === 'cut')
  const spent = { status: 429, retryAfter: '300', body: { code: 'rate_limited' } }
  expect(await fetched(second, 'bytes=300000-')).toMatchObject(spent)
  expect(await fetched(first)).toMatchObject(spent)
  expect(await fetched(first, 'bytes=0-')).toMatchObject({
    body: { message: expect.stringContaining('1 MB of this day; they continue at 2026-12-01 00:00 UTC') },
  })

  nowMs += 86_400_000
  expect(await fetched(second, 'bytes=300000-')).toMatchObject({ status: 206 })
})

test('a device has no budget of a site', async () => {
  await using hub = await startTestHub()
  const { name } = await joinDevice(hub)
  const answer = await hub.ask('PUT', `/v1/settings/device:${name}`, { body: { spec: { siteDownloadMbPerDay: 1 } } })
  expect(answer).toMatchObject({ status: 400, body: { code: 'input_invalid' } })
})
