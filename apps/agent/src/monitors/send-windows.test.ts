import { MonitorWindow } from '@skerry/contract/monitors/profile'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { digestOf } from '@skerry/platform/files/hash'
import { expect, test } from 'vitest'
import { createMonitorBoard } from './monitor-board.ts'
import { sendWindows } from './send-windows.ts'

const WINDOW_MS = 10_000

test('the rows of windows that a full disk keeps out are in the next window that finds room', async () => {
  let nowMs = 1e12
  let isFull = true
  const kept: SinkValue[] = []
  const sinks = {
    async offerToHub(value: SinkValue) {
      if (!isFull) kept.push(value)
      return { lost: isFull ? 1 : 0 }
    },
  }
  const board = createMonitorBoard({ clock: { nowMs: () => nowMs } })
  const feature = { feature: 'x', side: 'input' as const, tensor: 'x', edges: [1] }
  board.become([{ model: 'm', version: 1, profile: digestOf('profile'), windowMs: WINDOW_MS, features: [feature] }])
  const tensors = [
    { name: 'x', datatype: 'FP32' as const, shape: [2], data: new Uint8Array(Float32Array.of(0, 2).buffer) },
  ]
  const nextWindow = async () => {
    board.inputs({ name: 'm', version: '1', tensors, rows: 2 })
    nowMs += WINDOW_MS
    await sendWindows(board.take(), sinks, board)
  }
  await nextWindow()
  expect(board.openRows()).toEqual([{ model: 'm', version: '1', rows: 2 }])
  await nextWindow()
  isFull = false
  await nextWindow()
  await nextWindow()
  const windows = kept.map((one) => MonitorWindow.parse(JSON.parse('value' in one ? String(one.value) : '')))
  expect(windows.map(({ rows, lost }) => [rows, lost])).toEqual([
    [2, 4],
    [2, undefined],
  ])
  expect(board.openRows()).toEqual([])
})
