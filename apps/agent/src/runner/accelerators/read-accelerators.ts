/**
 * Read accelerators: load, memory, temperature and power of the accelerators of this machine, as far as it shows them.
 * `nvidia-smi` shows those of NVIDIA, and files of the kernel the others.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunProgram } from '../../system/run-program.ts'

/** Each figure is absent if the machine does not show it. */
export type AcceleratorReading = {
  /** Such as `nvidia0` or `card0`. */
  name: string
  loadPercent?: number
  memoryMiB?: number
  celsius?: number
  watts?: number
}

/** `root` is the folder under which the files of the kernel are. */
export type AcceleratorGround = {
  root: string
  run: RunProgram
  nowMs(): number
  /** Counters of energy at the reading before, by their paths. */
  energy: Map<string, { atMs: number; microjoules: number }>
  /** The trouble of `nvidia-smi` that has been told. */
  told: { trouble?: string }
  /** `nvidia-smi` fails in another way than before. */
  onTrouble(error: unknown): void
}

/** In milliseconds. The program waits for the driver, which may have lost its card. */
const NVIDIA_MS = 10_000

/** More than a board has places for. A list that is longer is no list of accelerators. */
const ACCELERATORS_MAX = 32

const MIB = 1024 ** 2

/** All accelerators that show a figure. Without an answer of `nvidia-smi`, the others are there all the same. */
export async function readAccelerators(ground: AcceleratorGround): Promise<AcceleratorReading[]> {
  const cards = (await namesIn(join(ground.root, 'sys/class/drm'))).filter((name) => /^card\d{1,3}$/.test(name))
  const kernel: AcceleratorReading[] = []
  for (const card of cards.slice(0, ACCELERATORS_MAX)) kernel.push(await readCard(ground, card))
  return [...(await readNvidia(ground)), ...kernel].filter((reading) => Object.keys(reading).length > 1)
}

const FIELDS = 'index,utilization.gpu,memory.used,temperature.gpu,power.draw'

async function readNvidia({ root, run, told, onTrouble }: AcceleratorGround): Promise<AcceleratorReading[]> {
  const devices = await namesIn(join(root, 'dev'))
  if (!devices.some((name) => /^nvidia\d+$/.test(name))) return []
  const query = [`--query-gpu=${FIELDS}`, '--format=csv,noheader,nounits']
  try {
    const readings = nvidiaReadings(await run('nvidia-smi', query, { timeoutMs: NVIDIA_MS }))
    delete told.trouble
    return readings
  } catch (error) {
    const trouble = error instanceof Error ? error.message : String(error)
    if (trouble !== told.trouble) onTrouble(error)
    told.trouble = trouble
    return []
  }
}

/** [nvidia-smi(1)] One line for each card. A figure that a card does not have is a word in brackets. */
export function nvidiaReadings(text: string): AcceleratorReading[] {
  const lines = text.split('\n').slice(0, ACCELERATORS_MAX)
  return lines.flatMap((line) => {
    const [index = '', load, memory, temperature, power] = line.split(',').map((word) => word.trim())
    if (!/^\d{1,3}$/.test(index)) return []
    return [
      readingOf(`nvidia${index}`, {
        loadPercent: numberOf(load),
        memoryMiB: numberOf(memory),
        celsius: numberOf(temperature),
        watts: numberOf(power),
      }),
    ]
  })
}

/** [Linux, gpu/amdgpu/thermal, hwmon/sysfs-interface] Files of another driver are absent, or mean the same. */
async function readCard(ground: AcceleratorGround, card: string): Promise<AcceleratorReading> {
  const device = join(ground.root, 'sys/class/drm', card, 'device')
  const [sensors] = (await namesIn(join(device, 'hwmon'))).filter((name) => /^hwmon\d+$/.test(name)).toSorted()
  const sensor = async (...names: string[]) =>
    sensors === undefined ? undefined : firstNumber(names.map((name) => join(device, 'hwmon', sensors, name)))
  const used = await firstNumber([join(device, 'mem_info_vram_used')])
  // The first sensor of amdgpu and i915, and that of the package of xe.
  const millidegrees = await sensor('temp1_input', 'temp2_input')
  const microwatts = await sensor('power1_average', 'power1_input')
  return readingOf(card, {
    loadPercent: await firstNumber([join(device, 'gpu_busy_percent')]),
    memoryMiB: used === undefined ? undefined : used / MIB,
    celsius: millidegrees === undefined ? undefined : millidegrees / 1_000,
    watts: microwatts === undefined ? await wattsByEnergy(ground, device, sensors) : microwatts / 1e6,
  })
}

/** [Linux, hwmon/sysfs-interface] Drivers of Intel count microjoules. The first reading gives no power. */
async function wattsByEnergy(
  { energy, nowMs }: AcceleratorGround,
  device: string,
  sensors: string | undefined,
): Promise<number | undefined> {
  if (sensors === undefined) return undefined
  const path = join(device, 'hwmon', sensors, 'energy1_input')
  const microjoules = await firstNumber([path])
  if (microjoules === undefined) return undefined
  const [before, atMs] = [energy.get(path), nowMs()]
  energy.set(path, { atMs, microjoules })
  // The counter begins again when the driver is loaded.
  if (!before || microjoules < before.microjoules || atMs <= before.atMs) return undefined
  return (microjoules - before.microjoules) / 1_000 / (atMs - before.atMs)
}

type Figures = { [Key in Exclude<keyof AcceleratorReading, 'name'>]: number | undefined }

/** One decimal is more than sensors have. */
const readingOf = (name: string, figures: Figures): AcceleratorReading => ({
  name,
  ...Object.fromEntries(
    Object.entries(figures).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, Math.round(value * 10) / 10]],
    ),
  ),
})

async function firstNumber(paths: readonly string[]): Promise<number | undefined> {
  for (const path of paths) {
    const found = numberOf(await readFile(path, 'utf8').catch(() => undefined))
    if (found !== undefined) return found
  }
  return undefined
}

/** Figures of accelerators are never negative but for temperatures outdoors. */
function numberOf(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? ''
  return /^-?\d{1,18}(\.\d{1,6})?$/.test(trimmed) ? Number(trimmed) : undefined
}

/** A folder that is not there has no names. */
const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])
