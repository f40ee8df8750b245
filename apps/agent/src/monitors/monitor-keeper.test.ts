/** Monitor keeper: a runner gets watches, held flows and the rows that the runner before lost, also without a hub. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MonitorsDocument } from '@skerry/contract/held/monitors'
import { DeviceId } from '@skerry/contract/values/ids'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import { createLog } from '@skerry/platform/process/log'
import { expect, onTestFinished, test } from 'vitest'
import type { MonitorRequest } from './monitor-board.ts'
import { openMonitorKeeper } from './monitor-keeper.ts'

const HOLD = { flow: 'line-3', reason: 'm:2 alerted: x moved' }

const DOCUMENT: MonitorsDocument = {
  v: 1,
  deviceId: DeviceId.parse('dev_abcdefgh234567abcdef'),
  revision: digestOf('one'),
  watches: [{ model: 'm', version: 1, profile: digestOf('profile'), windowMs: 10_000, features: [] }],
  holds: [HOLD],
}

test('held flows survive a restart, and lost rows are told once', async () => {
  const data = await mkdtemp(join(tmpdir(), 'skerry-keeper-'))
  onTestFinished(() => rm(data, { recursive: true }))
  const orders: Omit<MonitorRequest, 'kind'>[] = []
  const open = () =>
    openMonitorKeeper({
      fileSystem: nodeFileSystem,
      data,
      conditions: { raise: () => undefined, clear: () => undefined, list: () => [] },
      log: createLog({ name: 'test', level: 'error' }),
      watch: (order) => void orders.push(order),
    })
  const first = await open()
  first.order()
  expect(orders.at(-1)).toEqual({ watches: [], holds: [], lost: [] })
  await first.take(DOCUMENT)
  expect(orders.at(-1)).toMatchObject({ holds: [HOLD], lost: [] })
  first.heard([{ model: 'm', version: '1', rows: 40 }])
  first.order()
  expect(orders.at(-1)).toMatchObject({ lost: [{ model: 'm', version: '1', rows: 40 }] })
  first.order()
  expect(orders.at(-1)).toMatchObject({ lost: [] })

  const again = await open()
  expect(again.held()).toEqual({ revision: DOCUMENT.revision })
  again.order()
  expect(orders.at(-1)).toMatchObject({ watches: [{ model: 'm' }], holds: [HOLD] })
})
