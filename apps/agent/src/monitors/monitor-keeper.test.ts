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
import type { MonitorRequest, OpenRows } from './monitor-board.ts'
import { openMonitorKeeper } from './monitor-keeper.ts'

const HOLD = { flow: 'line-3', reason: 'm:2 alerted: x moved' }

const DOCUMENT: MonitorsDocument = {
  v: 1,
  deviceId: DeviceId.parse('dev_abcdefgh234567abcdef'),
  revision: digestOf('one'),
  watches: [{ model: 'm', version: 1, profile: digestOf('profile'), windowMs: 10_000, features: [] }],
  holds: [HOLD],
}

test('held flows survive a restart, and lost rows are told once, also if all processes ended at once', async () => {
  const data = await mkdtemp(join(tmpdir(), 'skerry-keeper-'))
  onTestFinished(() => rm(data, { recursive: true }))
  const orders: Omit<MonitorRequest, 'kind'>[] = []
  let saved: readonly OpenRows[] = []
  let nowMs = 0
  let isReady = true
  const open = () =>
    openMonitorKeeper({
      fileSystem: nodeFileSystem,
      data,
      conditions: { raise: () => undefined, clear: () => undefined, list: () => [] },
      log: createLog({ name: 'test', level: 'error' }),
      clock: { nowMs: () => nowMs },
      store: {
        openRows: () => saved,
        saveOpenRows(rows) {
          saved = rows
        },
      },
      watch: async (order) => {
        orders.push(order)
        return { ok: isReady }
      },
    })
  const first = await open()
  await first.order()
  expect(orders.at(-1)).toEqual({ watches: [], holds: [], lost: [] })
  await first.take(DOCUMENT)
  expect(orders.at(-1)).toMatchObject({ holds: [HOLD], lost: [] })
  first.heard([{ model: 'm', version: '1', rows: 40 }])
  await first.order()
  expect(orders.at(-1)).toMatchObject({ lost: [{ model: 'm', version: '1', rows: 40 }] })
  await first.order()
  expect(orders.at(-1)).toMatchObject({ lost: [] })

  const rowsOf = (rows: number) => [{ model: 'm', version: '1', rows }]
  first.heard(rowsOf(7))
  expect(saved).toEqual([])
  nowMs = 5_000
  first.heard(rowsOf(9))
  first.heard(rowsOf(11))
  expect(saved).toEqual(rowsOf(9))
  // The window has ended, so the disk is told at once.
  first.heard(rowsOf(2))
  expect(saved).toEqual(rowsOf(2))

  const again = await open()
  // The runner is still starting.
  isReady = false
  await again.order()
  isReady = true
  expect(again.held()).toEqual({ revision: DOCUMENT.revision })
  await again.order()
  expect(orders.at(-1)).toMatchObject({ watches: [{ model: 'm' }], holds: [HOLD], lost: rowsOf(2) })
})
