/** Cameras: pictures of GStreamer's RTSP server, and of a video. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Source } from '@skerry/contract/sources/source'
import type { Image } from '@skerry/core/equipment/image'
import { systemClock } from '@skerry/platform/process/clock'
import { hasFfmpeg, hasRtsp, makeBarsVideo, startRtsp } from '@skerry/testkit/peers/rtsp-peer'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { GroupReading, Reading } from '../../src/reading.ts'
import { openSession } from '../../src/sources/connectors.ts'
import { startSource } from '../../src/sources/source-host.ts'
import type { SourceState } from '../../src/sources/source-state.ts'
import { NO_SURROUNDINGS } from '../stage/stage.ts'

const PASSWORD = "s3 cret'%x"

type Wish = { everyMs?: number; tag?: object }

const cameraOf = (connection: object, { everyMs = 100, tag = {} }: Wish = {}): Source =>
  Source.parse({
    name: 'gate',
    protocol: 'camera',
    connection,
    groups: [{ name: 'view', everyMs, tags: [{ name: 'frame', width: 64, height: 48, ...tag }] }],
  })

/** A camera that runs in its own thread, and what it has told so far. */
function look(source: Source, secrets: Record<string, string> = {}) {
  const readings: GroupReading[] = []
  const states: SourceState[] = []
  const host = startSource(source, {
    clock: systemClock,
    random: Math.random,
    ...NO_SURROUNDINGS,
    secrets,
    onReading: (reading) => void readings.push(reading),
    onState: (state) => void states.push(state),
  })
  onTestFinished(() => host[Symbol.asyncDispose]())
  return { host, readings, states, images: () => readings.flatMap(({ images }) => images?.get('frame') ?? []) }
}

const pixelOf = ({ width, channels, data }: Image, x: number, y: number) => [
  ...data.subarray((y * width + x) * channels, (y * width + x + 1) * channels),
]

/** [SMPTE EG 1-1990] The bars from the left, as full or not. */
const BARS = [
  [1, 1, 1],
  [1, 1, 0],
  [0, 1, 1],
  [0, 1, 0],
  [1, 0, 1],
  [1, 0, 0],
  [0, 0, 1],
]
const barsOf = (image: Image) =>
  BARS.map((_, at) =>
    pixelOf(image, Math.floor(((at + 0.5) * image.width) / 7), 10).map((part) => (part > 100 ? 1 : 0)),
  )

const problemsOf = (said: object): string[] => Source.safeParse(said).error?.issues.map(({ message }) => message) ?? []

async function videoOf(seconds: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "skerry-cam'era-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  makeBarsVideo(join(folder, 'bars.mkv'), seconds)
  return join(folder, 'bars.mkv')
}

describe.skipIf(!hasRtsp)('over RTSP', () => {
  describe.each(['tcp', 'udp'])('over %s', (transport) => {
    const tier = transport === 'tcp' ? {} : deep('the same pictures by a second transport')
    test('gives pictures of the wanted size at the wanted rate, with the colours of the camera', tier, async () => {
      await using camera = await startRtsp()
      const { readings, images, host } = look(cameraOf({ url: camera.url, transport }))
      await until(() => images().length > 20)
      expect(host.state()).toEqual({ kind: 'up' })
      expect(images().every((image) => JSON.stringify(barsOf(image)) === JSON.stringify(BARS))).toBe(true)
      expect(images()[0]).toMatchObject({ width: 64, height: 48, channels: 3 })
      expect(images()[0]?.data).toHaveLength(64 * 48 * 3)
      // The first come in a burst where the camera has kept them, and others where the machine has been busy: one second as it should be is enough.
      await until(() => {
        const times = readings.flatMap(({ others }) => others.get(0)?.receivedTimeMs ?? [])
        const everyMs = times.slice(10).map((time, at) => (time - (times[at] ?? 0)) / 10)
        return everyMs.some((ms) => ms > 80 && ms < 125)
      })
    })
  })

  test(
    'the value of a picture says its size; its pixels stand beside it',
    deep('a variant of the pictures over TCP'),
    async () => {
      await using camera = await startRtsp()
      const { readings, images } = look(cameraOf({ url: camera.url }, { tag: { pixels: 'grey' } }))
      await until(() => images().length > 0)
      expect(readings[0]?.others.get(0)).toMatchObject({ tag: 'frame', quality: 'good', value: 'image 64×48 grey' })
      expect(images()[0]?.data).toHaveLength(64 * 48)
    },
  )

  test('lets in who has the password, which no list of processes shows', async () => {
    await using camera = await startRtsp({ user: 'op', password: PASSWORD })
    const { images } = look(cameraOf({ url: camera.url, user: 'op', password: { secret: 'gate' } }), { gate: PASSWORD })
    await until(() => images().length > 0)
    const processes = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout.split('\n')
    const decoders = processes.filter((line) => line.startsWith('ffmpeg') && line.includes('pipe:0'))
    expect(decoders.length).toBeGreaterThan(0)
    expect(decoders.filter((line) => /127\.0\.0\.1|cret/.test(line))).toEqual([])
  })

  const REFUSED: [words: string, access: object, path: string, code: string, words: string][] = [
    ['a wrong password', { user: 'op', password: { secret: 'gate' } }, '', 'source_refused', 'rejects the sign-in'],
    ['no user', {}, '', 'source_refused', 'rejects the sign-in'],
    ['another stream', { user: 'op', password: { secret: 'right' } }, '/none', 'source_unreachable', 'no such stream'],
  ]
  describe.each(REFUSED)('%s', (what, access, path, code, words) => {
    const tier = what === 'a wrong password' ? {} : deep('another refusal; that of a wrong password is quick')
    test('is told as what it is, without the password', tier, async () => {
      await using camera = await startRtsp({ user: 'op', password: PASSWORD })
      const secrets = { gate: 'wr0ng', right: PASSWORD }
      const { states } = look(cameraOf({ url: `${camera.url}${path}`, ...access }), secrets)
      const down = await until(() => states.find((state) => state.kind === 'down'))
      expect(down).toMatchObject({ cause: { code, message: expect.stringContaining(words) } })
      expect(JSON.stringify(states)).not.toMatch(/wr0ng|cret|op:/)
    })
  })

  test('after the camera was killed there are pictures again when it is back', async () => {
    await using camera = await startRtsp()
    const { images, states, readings } = look(cameraOf({ url: camera.url }))
    await until(() => images().length > 3)
    await camera.kill()
    await until(() => states.some((state) => state.kind === 'down'))
    expect(readings.at(-1)?.others.get(0)).toMatchObject({ quality: 'bad', cause: { code: 'source_lost' } })
    await camera.start()
    const before = images().length
    await until(() => images().length > before)
  })

  test(
    'a camera that stalls is silent after a while, and seen again when it goes on',
    deep('a second outage; the killed camera shows the return'),
    async () => {
      await using camera = await startRtsp()
      const { images, states } = look(cameraOf({ url: camera.url, silenceMaxMs: 500 }))
      await until(() => images().length > 3)
      camera.freeze()
      // A busy machine may have been silent before; what counts is that it is found out.
      await until(() => states.find((state) => state.kind === 'down' && state.cause.code === 'source_silent'))
      camera.thaw()
      const before = images().length
      await until(() => images().length > before + 3)
    },
  )

  test('nothing is left of the decoder when the source ends', async () => {
    await using camera = await startRtsp()
    const { host, images } = look(cameraOf({ url: camera.url }))
    await until(() => images().length > 0)
    const mine = () => spawnSync('pgrep', ['-P', String(process.pid), 'ffmpeg'], { encoding: 'utf8' }).stdout
    expect(mine()).not.toBe('')
    await host[Symbol.asyncDispose]()
    expect(mine()).toBe('')
  })
})

describe.skipIf(!hasFfmpeg)('a video', () => {
  test('plays in its own time, again from its beginning', async () => {
    const { images, host } = look(cameraOf({ file: await videoOf(1) }, { everyMs: 100 }))
    await until(() => images().length > 15)
    expect(images().every((image) => JSON.stringify(barsOf(image)) === JSON.stringify(BARS))).toBe(true)
    expect(host.state()).toEqual({ kind: 'up' })
  })

  test(
    'that is not to begin anew is bad after its end, and what cannot be played is told',
    deep('plays four seconds of video; the video that begins anew is quick'),
    async () => {
      const { images, readings } = look(cameraOf({ file: await videoOf(4), loop: false }))
      await until(() => readings.at(-1)?.others.get(0)?.quality === 'bad')
      expect(images().length).toBeGreaterThan(10)
      expect(images().length).toBeLessThanOrEqual(40)
      expect(readings.at(-1)?.others.get(0)).toMatchObject({ cause: { code: 'video_ended' } })
      const { states } = look(cameraOf({ file: '/nowhere/at/all.mkv' }))
      const down = await until(() => states.find((state) => state.kind === 'down'))
      expect(down).toMatchObject({ cause: { message: expect.stringContaining('No such file') } })
    },
  )

  test('keeps its shape with black beside it, unless it is to be stretched', async () => {
    const file = await videoOf(1)
    const padded = look(cameraOf({ file }, { tag: { width: 100 } }))
    const stretched = look(cameraOf({ file }, { tag: { width: 100, fit: 'stretch' } }))
    await until(() => padded.images().length > 0 && stretched.images().length > 0)
    const [beside] = padded.images()
    const [whole] = stretched.images()
    expect(beside && pixelOf(beside, 5, 10)).toEqual([0, 0, 0])
    expect(whole && barsOf(whole)).toEqual(BARS)
  })

  test('whoever is slow gets the newest picture, and those between are counted', async () => {
    const source = cameraOf({ file: await videoOf(2) })
    const stop = new AbortController()
    let free = () => undefined
    const room = () =>
      new Promise<void>((resolve) => {
        free = () => void resolve()
      })
    const deps = { clock: systemClock, random: Math.random, ...NO_SURROUNDINGS, room }
    await using session = await openSession(source, deps, stop.signal)
    const [group] = source.groups
    const told: Reading[] = []
    const skippedMs: number[] = []
    const over =
      group &&
      session.subscribe?.(
        group,
        (reading) => void told.push(reading),
        stop.signal,
        () => {
          skippedMs.push(Date.now())
        },
      )
    await until(() => skippedMs.length > 3)
    expect(told).toHaveLength(1)
    free()
    await until(() => told.length === 2)
    expect(told[1]?.others.get(0)?.receivedTimeMs).toBeGreaterThanOrEqual(skippedMs.at(-2) ?? Number.NaN)
    stop.abort()
    await expect(over).rejects.toThrow()
  })
})

test('what cannot be is refused at the door', () => {
  const base = {
    name: 'gate',
    protocol: 'camera',
    groups: [{ name: 'view', everyMs: 100, tags: [{ name: 'frame', width: 64, height: 48 }] }],
  }
  const [group] = base.groups
  const tagged = (tag: object) => ({
    ...base,
    connection: { file: 'x' },
    groups: [{ ...group, tags: [{ name: 'frame', width: 64, height: 48, ...tag }] }],
  })
  expect(problemsOf({ ...base, connection: {} })).toEqual(['needs either url or file'])
  expect(problemsOf({ ...base, connection: { url: 'rtsp://op:pw@10.0.0.9/x' } })[0]).toContain('as a secret')
  expect(problemsOf({ ...base, connection: { url: 'http://10.0.0.9/x' } })[0]).toContain('rtsp://')
  expect(problemsOf({ ...base, connection: { url: 'rtsp://10.0.0.9/x', user: 'op' } })[0]).toContain('belong together')
  expect(problemsOf({ ...base, connection: { file: "x\nfile '/etc/passwd'" } })).toContain('must be one line')
  expect(problemsOf(tagged({ scale: 2 }))[0]).toContain('is for numbers')
  expect(problemsOf(tagged({ write: {} }))[0]).toContain('is for numbers')
  expect(problemsOf(tagged({ width: 3_000, height: 2_000 }))[0]).toContain('1920×1080')
  expect(
    problemsOf({
      ...base,
      connection: { file: 'x' },
      groups: [group, { ...group, name: 'second', tags: [{ name: 'other', width: 64, height: 48 }] }],
    })[0],
  ).toContain('another source')
})
