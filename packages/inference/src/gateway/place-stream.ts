/** Place stream: a stream of bytes through the hub to the inference server of a device that declares no address. */
import type { Duplex } from 'node:stream'
import { ROUTE_STREAM_PATH } from '@skerry/contract/routes/route'
import { STREAM_MESSAGE_MAX } from '@skerry/contract/streams/stream'
import { dialSocket } from '@skerry/platform/network/dial-socket'
import { socketStream } from '@skerry/platform/network/socket-stream'
import type { StreamTarget } from './gateway-hub.ts'

/** The hub and the device end idle streams earlier. */
const LIMITS = { idleMs: 2 * 3_600_000, pingMs: 25_000 }

export type StreamHub = {
  /** The origin of the hub. */
  hub: string
  headers: Record<string, string>
  /** PEM of the authorities of the hub. Without it, this process uses the authorities that it trusts. */
  authorities?: readonly string[] | undefined
  /** The site of the gateway. */
  site: string | undefined
}

/** Throws the reason of the hub, such as `device_unreachable`. The signal ends the stream. */
export async function openPlaceStream(
  { hub, headers, authorities, site }: StreamHub,
  { route, device }: StreamTarget,
  signal: AbortSignal,
): Promise<Duplex> {
  const url = new URL(`${ROUTE_STREAM_PATH}/${route}/${device}`, hub)
  if (site !== undefined) url.searchParams.set('site', site)
  const options = { headers, authorities, messageBytesMax: STREAM_MESSAGE_MAX }
  const dialled = await dialSocket(url.href, options, signal)
  if (!dialled.ok) throw new Error(`${dialled.message} (${dialled.code})`)
  const stream = socketStream(dialled.socket, LIMITS)
  const end = () => void stream.destroy()
  signal.addEventListener('abort', end, { once: true })
  stream.once('close', () => signal.removeEventListener('abort', end))
  return stream
}
