import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SinkValue } from '@skerry/contract/sinks/sink-value'
import { systemClock } from '@skerry/platform/process/clock'
import { beforeEach, expect, test, vi } from 'vitest'
import { programRunner } from '../../system/run-program.ts'
import { followAccelerators, valuesOf } from './accelerator-series.ts'
import { type AcceleratorGround, nvidiaReadings, readAccelerators } from './read-accelerators.ts'

let root: string
let ground: AcceleratorGround
let nowMs: number
const onTrouble = vi.fn()

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'skerry-accelerators-'))
  nowMs = 1_000
  onTrouble.mockClear()
  const run = programRunner({ PATH: join(root, 'bin') })
  ground = { root, run, nowMs: () => nowMs, energy: new Map(), told: {}, onTrouble }
  return () => rm(root, { recursive: true })
})

async function put(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
  await chmod(join(root, path), mode)
}

/** A program in the place of nvidia-smi. */
const putNvidia = async (lines: string) => {
  await put('dev/nvidia0', '')
  await put('bin/nvidia-smi', `#!/bin/sh\n${lines}\n`, 0o755)
}

test('a machine without accelerators has no figures, and starts no program', async () => {
  const run = vi.fn(ground.run)
  expect(await readAccelerators({ ...ground, run })).toEqual([])
  expect(run).not.toHaveBeenCalled()
})

test('cards of NVIDIA have the figures of their program, and a figure that a card lacks is absent', async () => {
  await putNvidia(`[ "$2" = --format=csv,noheader,nounits ] || exit 9
case "$1" in --query-gpu=index,utilization.gpu,memory.used,temperature.gpu,power.draw) ;; *) exit 8 ;; esac
echo '0, 35, 1024, 54, 75.25'
echo '1, [N/A], 12, [Not Supported], [N/A]'`)
  expect(await readAccelerators(ground)).toEqual([
    { name: 'nvidia0', loadPercent: 35, memoryMiB: 1_024, celsius: 54, watts: 75.3 },
    { name: 'nvidia1', memoryMiB: 12 },
  ])
})

test('lines of another form are no cards', () => {
  expect(
    nvidiaReadings('NVIDIA-SMI has failed because it could not communicate with the driver.\n../x, 1, 2\n'),
  ).toEqual([])
})

test('files of the kernel give the figures of other cards, and power by the counter of energy', async () => {
  const amd = 'sys/class/drm/card0/device'
  await put(`${amd}/gpu_busy_percent`, '42\n')
  await put(`${amd}/mem_info_vram_used`, `${512 * 1024 ** 2}\n`)
  await put(`${amd}/hwmon/hwmon3/temp1_input`, '61500\n')
  await put(`${amd}/hwmon/hwmon3/power1_average`, '98000000\n')
  await put('sys/class/drm/card0-DP-1/device/gpu_busy_percent', '1\n')
  const intel = 'sys/class/drm/card1/device/hwmon/hwmon4'
  await put(`${intel}/temp2_input`, '40000\n')
  await put(`${intel}/energy1_input`, '1000000\n')
  const first = { name: 'card0', loadPercent: 42, memoryMiB: 512, celsius: 61.5, watts: 98 }
  expect(await readAccelerators(ground)).toEqual([first, { name: 'card1', celsius: 40 }])
  nowMs += 2_000
  await put(`${intel}/energy1_input`, '31000000\n')
  expect((await readAccelerators(ground))[1]).toEqual({ name: 'card1', celsius: 40, watts: 15 })
  // The driver was loaded again.
  nowMs += 2_000
  await put(`${intel}/energy1_input`, '5\n')
  expect((await readAccelerators(ground))[1]).toEqual({ name: 'card1', celsius: 40 })
})

test('a program that fails is told once, and the other cards have their figures', async () => {
  await put('sys/class/drm/card0/device/gpu_busy_percent', '42\n')
  await putNvidia('exit 3')
  for (let turn = 0; turn < 2; turn++)
    expect(await readAccelerators(ground)).toEqual([{ name: 'card0', loadPercent: 42 }])
  expect(onTrouble).toHaveBeenCalledTimes(1)
  await putNvidia("echo '0, 35, 1024, 54, 75.25'")
  expect(await readAccelerators(ground)).toHaveLength(2)
  await putNvidia('exit 3')
  expect(await readAccelerators(ground)).toHaveLength(1)
  expect(onTrouble).toHaveBeenCalledTimes(2)
})

test('each figure is a value that the hub takes, and a folder that cannot be read is logged once', async () => {
  const stop = new AbortController()
  const offered: SinkValue[] = []
  const warn = vi.fn()
  let turns = 0
  const clock = {
    ...systemClock,
    nowMs: () => 5_000,
    async sleep() {
      turns++
      if (turns === 2) await putNvidia("echo '0, 35, 1024, 54, 75.25'")
      if (turns === 3) stop.abort()
    },
  }
  const offer = async (value: SinkValue) => offered.push(SinkValue.parse(value))
  const read = async () => {
    if (turns < 2) throw new Error('no folder')
    return readAccelerators(ground)
  }
  await followAccelerators({ clock, log: { warn }, read, offer }, stop.signal)
  expect(warn).toHaveBeenCalledTimes(1)
  expect(offered).toEqual(
    valuesOf([{ name: 'nvidia0', loadPercent: 35, memoryMiB: 1_024, celsius: 54, watts: 75.3 }], 5_000),
  )
  expect(offered.map(({ signal, unit }) => [signal, unit])).toEqual([
    ['accelerators/nvidia0/load', '%'],
    ['accelerators/nvidia0/memory', 'MiB'],
    ['accelerators/nvidia0/temperature', '°C'],
    ['accelerators/nvidia0/power', 'W'],
  ])
})
