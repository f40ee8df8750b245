/**
 * Camera session: tells the newest picture. One is on its way at a time, and one waits, which the next takes the place of: whoever is slow gets fewer
 * pictures, never old ones, and memory is bounded.
 */
import { emptyReading, type Reading } from '@skerry/connectors/reading'
import { type OpenSession, type Session, type SessionDeps, SourceTrouble, type Tell } from '@skerry/connectors/session'
import { badValue } from '@skerry/connectors/value'
import type { CameraTag } from '@skerry/contract/sources/protocols/source-camera'
import type { CameraSource } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'
import { type Image, imageText } from '@skerry/core/equipment/image'
import { type Decoder, startDecoder } from './decoder.ts'
import { decoderOrder } from './decoder-order.ts'
import { createFrameCutter } from './frames.ts'

type Frame = { image: Image; receivedTimeMs: number }

type Watching = {
  source: CameraSource
  deps: SessionDeps
  tag: CameraTag
  decoder: Decoder
  /** When the newest came, by the clock that only goes forward. */
  lastMs: number
  /** Longer without one is a stall: at one picture a minute, a minute is none. */
  silenceMs: number
  waiting: Frame | undefined
  isTelling: boolean
  listener: { tell: Tell; skip: () => void; signal: AbortSignal } | undefined
}

/** Starts the decoder, and waits for the first picture. */
export const openCamera: OpenSession<CameraSource> = async (source, deps, signal): Promise<Session> => {
  signal.throwIfAborted()
  const [group] = source.groups
  const [tag] = group?.tags ?? []
  if (!group || !tag) throw new Error('a camera has one group of one tag')
  const password = passwordOf(source, deps)
  const first = Promise.withResolvers<void>()
  const decoder = startDecoder(decoderOrder({ ...source, tag, everyMs: group.everyMs, password }), (bytes) =>
    cut(bytes),
  )
  const it: Watching = {
    source,
    deps,
    tag,
    decoder,
    lastMs: deps.clock.monotonicMs(),
    silenceMs: source.connection.silenceMaxMs + group.everyMs,
    waiting: undefined,
    isTelling: false,
    listener: undefined,
  }
  const channels = tag.pixels === 'rgb' ? 3 : 1
  const { width, height } = tag
  const cut = createFrameCutter(width * height * channels, (data) => {
    take(it, { image: { width, height, channels, data }, receivedTimeMs: deps.clock.nowMs() })
    first.resolve()
  })
  try {
    await beforeEnd(it, first.promise, signal)
  } catch (error) {
    await decoder[Symbol.asyncDispose]()
    throw error
  }
  return {
    // Nobody asks a camera: it tells by itself.
    read: async ({ tags }): Promise<Reading> => emptyReading(tags.length),
    subscribe: (_group, tell, until, skip) => watch(it, { tell, skip, signal: until }),
    write: async () => ({ ok: false, code: 'tag_read_only', message: 'a camera cannot be written' }),
    [Symbol.asyncDispose]: () => decoder[Symbol.asyncDispose](),
  }
}

function passwordOf({ connection: { password } }: CameraSource, { secrets }: SessionDeps): string | undefined {
  const found = password && secrets[password.secret]
  if (password && found === undefined)
    throw new SourceTrouble('source_refused', `the device has no secret ${password.secret}`)
  return found
}

/** The first picture; throws where it does not come. */
async function beforeEnd(
  { source, deps, decoder }: Watching,
  first: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { firstMaxMs } = source.connection
  const done = new AbortController()
  const late = deps.clock.sleep(firstMaxMs, AbortSignal.any([signal, done.signal])).then((): never => {
    throw new SourceTrouble('source_silent', `no picture arrived within ${firstMaxMs} ms`)
  })
  late.catch(() => undefined)
  const ended = decoder.ended.then((trouble): never => {
    throw trouble ?? new SourceTrouble('source_unreachable', 'it has no picture')
  })
  try {
    await Promise.race([first, ended, late])
  } finally {
    done.abort()
    ended.catch(() => undefined)
  }
}

function take(it: Watching, frame: Frame): void {
  it.lastMs = it.deps.clock.monotonicMs()
  if (it.waiting) it.listener?.skip()
  it.waiting = frame
  if (it.listener && !it.isTelling) void tellOn(it, it.listener)
}

/** As long as something waits. Ends where nobody listens any more. */
async function tellOn(it: Watching, { tell, signal }: NonNullable<Watching['listener']>): Promise<void> {
  it.isTelling = true
  for (let frame = it.waiting; frame && !signal.aborted; frame = it.waiting) {
    it.waiting = undefined
    tell(readingOfFrame(it.tag, frame))
    // Aborted: nobody is told any more.
    await it.deps.room(signal, 0).catch(() => undefined)
  }
  it.isTelling = false
}

function readingOfFrame({ name }: CameraTag, { image, receivedTimeMs }: Frame): Reading {
  const value: TagValue = { tag: name, quality: 'good', value: imageText(image), receivedTimeMs }
  return { ...emptyReading(1), others: new Map([[0, value]]), images: new Map([[name, image]]) }
}

async function watch(it: Watching, listener: NonNullable<Watching['listener']>): Promise<never> {
  it.listener = listener
  if (it.waiting) void tellOn(it, listener)
  return Promise.race([over(it, listener), stalled(it, listener.signal)])
}

/** Throws once no picture has come for too long. */
async function stalled(it: Watching, signal: AbortSignal): Promise<never> {
  const { clock } = it.deps
  for (;;) {
    await clock.sleep(Math.max(1, it.lastMs + it.silenceMs - clock.monotonicMs()), signal)
    const isSilent = clock.monotonicMs() - it.lastMs >= it.silenceMs
    // A video has come to its end, or plays on.
    if (isSilent && it.source.connection.file === undefined)
      throw new SourceTrouble('source_silent', `no picture arrived for ${it.silenceMs} ms`)
    if (isSilent) it.lastMs = clock.monotonicMs()
  }
}

/** Throws where the decoder ended; where a video did that begins no more, its tag is bad from now on. */
async function over(it: Watching, { tell, signal }: NonNullable<Watching['listener']>): Promise<never> {
  const { file, loop } = it.source.connection
  const trouble = await it.decoder.ended
  signal.throwIfAborted()
  if (trouble ?? (file === undefined || loop)) throw trouble ?? new SourceTrouble('source_lost', 'the stream has ended')
  const reading = emptyReading(1)
  reading.others.set(0, badValue(it.tag.name, ENDED, it.deps.clock.nowMs()))
  tell(reading)
  return new Promise<never>(() => undefined)
}

const ENDED = { code: 'video_ended', message: 'the video has ended' }
