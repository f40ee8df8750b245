/**
 * camera: the cost of looking at a camera five times a second, 640 by 480. A source decodes the picture and hands it to
 * a flow, which makes the 320 by 320 numbers that a model takes. The baseline is ffmpeg alone, which writes the same
 * pictures to nowhere. Both play the same video in its own time, in turn.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decoderOrder } from '@skerry/connectors/camera/decoder-order'
import { valuesOf } from '@skerry/connectors/reading'
import { startSource } from '@skerry/connectors/sources/source-host'
import { Flow } from '@skerry/contract/flows/flow'
import { CameraSource } from '@skerry/contract/sources/source'
import { startFlow } from '@skerry/flows/host/flow-host'
import { systemClock } from '@skerry/platform/process/clock'
import { cpuMs } from './usage/process-use.ts'

const EVERY_MS = 200
const ROUNDS = 3
const ROUND_MS = 15_000
/** Until everything has started, and been compiled. */
const BEGIN_MS = 5_000

const FLOW = Flow.parse({
  name: 'watch',
  inputs: [{ name: 'frame', source: 'gate', tag: 'frame', type: 'image' }],
  steps: [
    { name: 'picture', kind: 'image', from: 'frame', width: 320, height: 320 },
    { name: 'answer', kind: 'model', model: 'none', from: ['picture'], queue: { max: 4 } },
  ],
  sinks: [{ name: 'told', kind: 'hub', from: 'answer' }],
})

type Use = { decoder: number; rest: number; pictures: number }

/** Runs the benchmark: two minutes. */
export async function run(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-'))
  try {
    const source = sourceOf(makeVideo(join(folder, 'gate.mp4')))
    const [bare, whole]: [Use[], Use[]] = [[], []]
    // In turn, so that other work of the machine affects both.
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await useOfFfmpeg(source))
      whole.push(await useOfFlow(source))
    }
    return {
      width: 640,
      height: 480,
      everyMs: EVERY_MS,
      rounds: ROUNDS,
      ffmpegPercent: spread(bare.map(({ decoder }) => decoder)),
      flowPercent: spread(whole.map(({ decoder, rest }) => decoder + rest)),
      ofThisDecoderPercent: spread(whole.map(({ decoder }) => decoder)),
      picturesPerSec: spread(whole.map(({ pictures }) => pictures)),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function spread(values: readonly number[]) {
  const sorted = values.map((value) => Math.round(value * 100) / 100).sort((a, b) => a - b)
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) }
}

/** As cameras send it: H.264, 30 pictures a second, something moves. */
function makeVideo(path: string): string {
  const moving = 'testsrc2=size=640x480:rate=30:duration=20'
  const made = spawnSync('ffmpeg', [
    '-loglevel',
    'error',
    '-f',
    'lavfi',
    '-i',
    moving,
    '-c:v',
    'libx264',
    '-g',
    '30',
    path,
  ])
  if (made.status !== 0) throw new Error(`no video was made: ${made.stderr}`)
  return path
}

const sourceOf = (file: string): CameraSource =>
  CameraSource.parse({
    name: 'gate',
    protocol: 'camera',
    connection: { file },
    groups: [{ name: 'view', everyMs: EVERY_MS, tags: [{ name: 'frame', width: 640, height: 480 }] }],
  })

const pause = (ms: number) => systemClock.sleep(ms, new AbortController().signal)

/** In percent of a core. */
async function shareOf(pid: number, work: () => Promise<void>): Promise<number> {
  const beforeMs = await cpuMs(pid)
  const startMs = performance.now()
  await work()
  return ((await cpuMs(pid)) - beforeMs) / ((performance.now() - startMs) / 100)
}

/** The same pictures, to nowhere. */
async function useOfFfmpeg(source: CameraSource): Promise<Use> {
  const [tag] = source.groups[0]?.tags ?? []
  if (!tag) throw new Error('a camera has a tag')
  const { args, script } = decoderOrder({ ...source, tag, everyMs: EVERY_MS, password: undefined })
  const child: ChildProcess = spawn('ffmpeg', args, { stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin?.end(script)
  try {
    await pause(BEGIN_MS)
    return { decoder: await shareOf(child.pid ?? 0, () => pause(ROUND_MS)), rest: 0, pictures: 0 }
  } finally {
    child.kill('SIGKILL')
  }
}

async function useOfFlow(source: CameraSource): Promise<Use> {
  let pictures = 0
  await using flow = startFlow(FLOW, {
    clock: systemClock,
    random: Math.random,
    factsOf: () => undefined,
    onState: () => undefined,
    infer: async () => ({ ok: true, tensors: [{ shape: [1, 1], data: Float32Array.of(1) }] }),
    async send() {
      pictures += 1
      return { ok: true }
    },
    write: async () => ({ ok: true }),
  })
  const [group] = source.groups
  await using _source = startSource(source, {
    clock: systemClock,
    random: Math.random,
    onState: () => undefined,
    secrets: {},
    stateFolder: tmpdir(),
    onReading(reading) {
      if (!group) return
      flow.fill((builder) => {
        for (const value of valuesOf(reading, group)) {
          builder.add({ ...value, source: source.name }, reading.images?.get(value.tag))
        }
      })
    },
  })
  await pause(BEGIN_MS)
  const [decoderPid] = childrenOf(process.pid)
  const before = pictures
  const startMs = performance.now()
  let decoder = 0
  const rest = await shareOf(process.pid, async () => {
    decoder = await shareOf(decoderPid ?? 0, () => pause(ROUND_MS))
  })
  return { decoder, rest, pictures: ((pictures - before) * 1_000) / (performance.now() - startMs) }
}

/** The child processes that are ffmpeg. */
function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid), 'ffmpeg'], { encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean).map(Number)
}
