import { once } from 'node:events'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { startDeadline } from './deadline.ts'

/** A server in a thread of its own ends each connection as soon as it receives something. */
const SERVER = `
  const { createServer } = require('node:net')
  const { parentPort } = require('node:worker_threads')
  const ended = new Int32Array(require('node:worker_threads').workerData)
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (how) => {
      if (String(how) === 'reset') socket.resetAndDestroy()
      else socket.destroy()
      socket.once('close', () => {
        Atomics.store(ended, 0, 1)
        Atomics.notify(ended, 0)
      })
    })
  }).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`

test.each(['close', 'reset'])('a thread that was busy reports a %s before a deadline that is over too', async (how) => {
  const shared = new SharedArrayBuffer(4)
  const server = new Worker(SERVER, { eval: true, workerData: shared })
  onTestFinished(async () => void (await server.terminate()))
  const [port] = await once(server, 'message')
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const { promise, resolve } = Promise.withResolvers<string>()
  socket.on('error', () => undefined)
  socket.on('close', () => resolve('closed'))
  socket.write(how)
  // The thread is busy from a place of the loop behind which the timers come, and not the sockets.
  setImmediate(() => {
    startDeadline(1, () => resolve('silent'))
    Atomics.wait(new Int32Array(shared), 0, 0)
  })
  expect(await promise).toBe('closed')
})

test('a deadline is reported once it is over, and not after it is stopped', async () => {
  const seen: string[] = []
  const stop = startDeadline(1, () => seen.push('stopped'))
  stop()
  const { promise, resolve } = Promise.withResolvers<void>()
  startDeadline(1, () => {
    seen.push('over')
    resolve()
  })
  await promise
  expect(seen).toEqual(['over'])
})
