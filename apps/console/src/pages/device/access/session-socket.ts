/** Session socket: a terminal's end of a session, over a WebSocket of the hub. */
import { SESSION_PROTOCOL, SESSION_STREAM_PATH } from '@skerry/contract/access/access'
import { frameReader, sizeContent, writeFrame } from '@skerry/contract/access/shell-frame'
import type { AccessGrantId } from '@skerry/contract/values/ids'
import { hub } from '../../../hub/hub-client.ts'

type Size = { columns: number; rows: number }

export type SessionEvents = {
  onOutput(bytes: Uint8Array): void
  /** A moderated terminal has no output before another person watches it. */
  onOpen(isModerated: boolean): void
  /** Once: the exit code, or the reason of the end as a code; empty if the connection was lost. */
  onEnd(end: { exitCode: number } | { code: string }): void
}

export type SessionSocket = Disposable & { type(text: string): void; resize(size: Size): void }

/** Opens a session under the grant, and connects to it. Rejects with the hub's reason. */
export async function openSessionSocket(
  { device, grant, size }: { device: string; grant: AccessGrantId; size: Size },
  events: SessionEvents,
): Promise<SessionSocket> {
  const { session, ticket } = await hub.access.open({ device, grant, wish: { kind: 'shell', terminal: size } })
  const url = `${window.location.origin.replace(/^http/, 'ws')}${SESSION_STREAM_PATH}/${session.id}`
  const socket = new WebSocket(url, [SESSION_PROTOCOL, ticket])
  socket.binaryType = 'arraybuffer'
  let isEnded = false
  const end = (how: Parameters<SessionEvents['onEnd']>[0]) => {
    if (!isEnded) events.onEnd(how)
    isEnded = true
  }
  const read = frameReader()
  socket.onopen = () => events.onOpen(session.isModerated === true)
  socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
    for (const { kind, content } of read(new Uint8Array(data))) {
      if (kind === 'output' || kind === 'errors') events.onOutput(content)
      if (kind !== 'exit') continue
      end({ exitCode: content[0] ?? 0 })
      socket.close()
    }
  }
  socket.onclose = ({ reason }) => end({ code: reason })
  const send = (bytes: Uint8Array<ArrayBuffer>) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(bytes)
  }
  return {
    type: (text) => send(writeFrame('input', new TextEncoder().encode(text))),
    resize: (next) => send(writeFrame('resize', sizeContent(next))),
    [Symbol.dispose]: () => socket.close(),
  }
}
