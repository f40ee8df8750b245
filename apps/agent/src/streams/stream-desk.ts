/**
 * Stream desk: opens streams of bytes to the hub, when the hub orders one over the link. The use of a stream is a row in
 * a table. It first decides and connects to its target, so that a rejection is the answer to the order. Only then does
 * the device open the second connection to the hub.
 */
import type { Duplex } from 'node:stream'
import type { CommandOf, CommandRefusalCode } from '@skerry/contract/devices/device-command'
import { STREAM_MESSAGE_MAX, STREAM_PATH, type StreamParams } from '@skerry/contract/streams/stream'
import type { Log } from '@skerry/platform/process/log'
import { type CommandResult, rejectCommand } from '../commands/command-desk.ts'
import type { HubDownload } from '../hub/hub-download.ts'

/** The target of a stream, ready to be connected with the hub. Its disposal releases it. */
export type StreamTarget = Disposable & {
  /** Serves the stream until one of its ends closes it. The signal fires when the agent ends. */
  run(stream: Duplex, signal: AbortSignal): Promise<void>
}

export type PreparedTarget =
  | { ok: true; target: StreamTarget }
  | { ok: false; code: CommandRefusalCode; message: string }

/** Decides whether the device serves this stream, and prepares its target. */
export type StreamUse = (params: StreamParams, signal: AbortSignal) => Promise<PreparedTarget>

export type StreamUses = Readonly<Record<string, StreamUse>>

export type StreamDesk = { open(order: Order, signal: AbortSignal): Promise<CommandResult<'stream'>> }

type Order = CommandOf<'stream'>

export type StreamDeskDeps = {
  dial: HubDownload['dial']
  log: Pick<Log, 'info' | 'warn'>
  /** Fires when the agent ends. */
  signal: AbortSignal
}

/** The same as the hub's limit for a device, so that a broken hub cannot take the device's memory. */
const STREAMS_MAX = 128

/** The hub ends idle streams itself after an hour. This is for a hub that does not. */
const IDLE_MS = 2 * 3_600_000

/** Shorter than the minute after which firewalls forget a silent connection. */
const PING_MS = 25_000

/** At the start no stream is open. */
export function createStreamDesk(uses: StreamUses, deps: StreamDeskDeps): StreamDesk {
  let count = 0
  return {
    async open(order, signal) {
      const use = Object.hasOwn(uses, order.use) ? uses[order.use] : undefined
      if (!use) return rejectCommand('stream_unknown', `this agent has no streams for ${order.use}; update the agent`)
      if (count >= STREAMS_MAX) return rejectCommand('device_busy', `the device has ${STREAMS_MAX} open streams`)
      count += 1
      const leave = () => {
        count -= 1
      }
      return openTarget(use, order, { ...deps, leave }, signal)
    },
  }
}

type Opening = StreamDeskDeps & { leave(): void }

async function openTarget(
  use: StreamUse,
  order: Order,
  { dial, log, signal: end, leave }: Opening,
  signal: AbortSignal,
): Promise<CommandResult<'stream'>> {
  using stack = new DisposableStack()
  stack.defer(leave)
  const prepared = await use(order.params, signal)
  if (!prepared.ok) return rejectCommand(prepared.code, prepared.message)
  stack.use(prepared.target)
  const dialled = await dial(`${STREAM_PATH}/${order.stream}`, STREAM_MESSAGE_MAX, signal)
  if (!dialled.ok) return rejectCommand('command_failed', `the device could not open a stream: ${dialled.message}`)
  const { socketStream } = await import('@skerry/platform/network/socket-stream')
  const stream = socketStream(dialled.socket, { idleMs: IDLE_MS, pingMs: PING_MS })
  const held = stack.move()
  const about = { stream: order.stream, use: order.use }
  log.info('stream_open', about)
  void serve(prepared.target, stream, end)
    .catch((error: unknown) => log.warn('stream_failed', { ...about, error }))
    .finally(() => {
      held.dispose()
      log.info('stream_closed', about)
    })
  return { kind: 'stream' }
}

async function serve(target: StreamTarget, stream: Duplex, signal: AbortSignal): Promise<void> {
  const stop = () => void stream.destroy()
  signal.addEventListener('abort', stop, { once: true })
  // A hub that ends a stream early is usual. `run` sees it as the end of the stream.
  stream.on('error', () => undefined)
  try {
    if (!signal.aborted) await target.run(stream, signal)
  } finally {
    signal.removeEventListener('abort', stop)
    stream.destroy()
  }
}
