/**
 * The hub's program, which also writes each byte that it receives to files, after TLS. So a test can search all traffic of
 * devices. A connection has a file of its own, because a value may come in two pieces. Messages of WebSockets have another
 * file, because a client masks its frames.
 */
import { mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Server, type TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'

const folder = process.env.SKERRY_TEST_TRAFFIC
if (folder === undefined) throw new Error('SKERRY_TEST_TRAFFIC names the folder of the traffic')
mkdirSync(folder, { recursive: true })

let files = 0

function newFile(kind: string): number {
  files += 1
  return openSync(join(folder ?? '', `${kind}-${process.pid}-${files}`), 'w')
}

const passOn = Server.prototype.emit
Server.prototype.emit = function emit(event: string | symbol, ...words: unknown[]): boolean {
  const isHeard: boolean = Reflect.apply(passOn, this, [event, ...words])
  if (event !== 'secureConnection') return isHeard
  const file = newFile('connection')
  // The HTTP server gives the socket back to the event loop when somebody else listens.
  ;(words[0] as TLSSocket).on('data', (bytes: Buffer) => void writeSync(file, bytes))
  return isHeard
}

const messages = newFile('messages')
const notify = WebSocket.prototype.emit
WebSocket.prototype.emit = function emit(event: string | symbol, ...words: unknown[]): boolean {
  if (event === 'message') writeSync(messages, words[0] as Buffer)
  return Reflect.apply(notify, this, [event, ...words])
}

await import('../../apps/hub/src/main.ts')
