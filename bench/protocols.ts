/**
 * protocols: what one source of each protocol costs, against the equipment of the conformance suite: two groups, of which the quick one is read or heard 50
 * times a second where the protocol can. Processor time is of one core and of this process; equipment that is a program of its own is not in it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sizeOf } from '@skerry/connectors/reading'
import { startSource } from '@skerry/connectors/sources/source-host'
import { systemClock } from '@skerry/platform/process/clock'
import { EQUIPMENT, type Equipment } from '../packages/connectors/test/stage/equipment.ts'
import { pressOf } from '../packages/connectors/test/stage/press.ts'

const WARM_UP_MS = 2_000
const MEASURED_MS = 5_000

const { signal } = new AbortController()
const sleep = (ms: number) => systemClock.sleep(ms, signal)

/** Runs the benchmark: two minutes. Programs that this machine has not are left out, and named. */
export async function run(): Promise<object> {
  const idle = await percentOf(() => sleep(MEASURED_MS))
  const figures: [string, object][] = []
  for (const equipment of EQUIPMENT.filter(({ isThere }) => isThere)) {
    figures.push([nameOf(equipment), await measured(equipment)])
  }
  return {
    idleCpuPercent: idle,
    protocols: Object.fromEntries(figures),
    missing: EQUIPMENT.filter(({ isThere }) => !isThere).map(nameOf),
  }
}

const nameOf = ({ name, protocol }: Equipment) => name ?? protocol

async function measured(equipment: Equipment): Promise<object> {
  const stateFolder = await mkdtemp(join(tmpdir(), 'skerry-bench-'))
  const started = await equipment.start()
  let values = 0
  try {
    await using host = startSource(pressOf(equipment, started), {
      clock: systemClock,
      random: Math.random,
      stateFolder,
      onState: () => undefined,
      secrets: { ...equipment.secrets, ...started.secrets },
      onReading(reading) {
        values += sizeOf(reading)
      },
    })
    while (values === 0) await sleep(50)
    await sleep(WARM_UP_MS)
    const before = values
    const cpuPercent = await percentOf(() => sleep(MEASURED_MS))
    const { groups, lost, crashes } = host.figures()
    const skipped = groups.reduce((sum, group) => sum + group.skipped, 0)
    return { valuesPerSec: Math.round((values - before) / (MEASURED_MS / 1_000)), cpuPercent, skipped, lost, crashes }
  } finally {
    await started[Symbol.asyncDispose]()
    await rm(stateFolder, { recursive: true, force: true })
  }
}

async function percentOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  const startMs = performance.now()
  await work()
  const { user, system } = process.cpuUsage(before)
  return Math.round((user + system) / (performance.now() - startMs) / 0.1) / 100
}
