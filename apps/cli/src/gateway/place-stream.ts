/** Place stream: a stream of bytes through the hub to the inference server of a device that declares no address. */
import type { Duplex } from 'node:stream'
import type { Connection } from '@skerry/client/connection'
import { authorizationOf } from '@skerry/client/connection'
import { ROUTE_STREAM_PATH } from '@skerry/contract/routes/route'
import { STREAM_MESSAGE_MAX } from '@skerry/contract/streams/stream'
import { dialSocket } from '@skerry/platform/network/dial-socket'
import { socketStream } from '@skerry/platform/network/socket-stream'
import type { StreamTarget } from './place-client.ts'

/** The hub and the device end idle streams earlier. */
const LIMITS = { idleMs: 2 * 3_600_000, pingMs: 25_000 }

type Gateway = { connection: Connection; site: string | undefined }

/** Throws the reason of the hub, such as `device_unreachable`. The signal ends the stream. */
export async function openPlaceStream(
  { connection, site }: Gateway,
  { route, device }: StreamTarget,
  signal: AbortSignal,
): Promise<Duplex> {
  const url = new URL(`${ROUTE_STREAM_PATH}/${route}/${device}`, connection.hub)
  if (site !== undefined) url.searchParams.set('site', site)
  const options = { headers: authorizationOf(connection), messageBytesMax: STREAM_MESSAGE_MAX }
  const dialled = await dialSocket(url.href, options, signal)
  if (!dialled.ok) throw new Error(`${dialled.message} (${dialled.code})`)
  const stream = socketStream(dialled.socket, LIMITS)
  const end = () => void stream.destroy()
  signal.addEventListener('abort', end, { once: true })
  stream.once('close', () => signal.removeEventListener('abort', end))
  return stream
}
