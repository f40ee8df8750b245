/**
 * Modbus RTU port: a serial line in the form that the library requires. Bytes that came before a request are not an
 * answer to it.
 */
import { EventEmitter } from 'node:events'
import type { SerialLine } from '@skerry/connectors/serial-line/serial-line'
import { findAnswer } from './rtu-frame.ts'

/** [Modbus over Serial Line 2.5.1] No frame is longer. More bytes without an answer are noise. */
const FRAME_BYTES_MAX = 256

/** The methods that the library calls, and the events that it uses. */
export type RtuPort = EventEmitter & {
  readonly isOpen: boolean
  open(done: (error: Error | null) => void): void
  write(request: Uint8Array): void
  close(done: () => void): void
  destroy(): void
}

export function rtuPortOf(line: SerialLine): RtuPort {
  let request: Uint8Array | undefined
  let heard = new Uint8Array()
  const events = new EventEmitter()
  line.onData((bytes) => {
    if (!request) return
    heard = Uint8Array.from([...heard, ...bytes]).slice(-FRAME_BYTES_MAX)
    const answer = findAnswer(request, heard)
    if (!answer) return
    request = undefined
    events.emit('data', Buffer.from(answer))
  })
  void line.gone.then(() => events.emit('close'))
  return Object.defineProperty(
    Object.assign(events, {
      isOpen: true,
      open: (done: (error: Error | null) => void) => done(null),
      write(bytes: Uint8Array) {
        request = Uint8Array.from(bytes)
        heard = new Uint8Array()
        line.write(bytes)
      },
      close: (done: () => void) => done(),
      destroy: () => undefined,
    }),
    'isOpen',
    { get: line.isOpen },
  )
}
