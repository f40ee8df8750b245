import { createServer } from 'node:net'
import { freePort } from '@skerry/testkit/free-port'
import { expect, onTestFinished, test } from 'vitest'
import { listen, type PortUse, quietTurn } from './listen.ts'

const ADDRESS = '127.0.0.1'

function open(port: number, use?: PortUse): Promise<number> {
  const server = createServer()
  onTestFinished(() => void server.close())
  return listen(server, port, ADDRESS, use)
}

test('a successor joins a port that was offered', async () => {
  const port = await freePort()
  expect(await open(port, 'offered')).toBe(port)
  expect(await open(port, 'joined')).toBe(port)
})

test.each([
  ['alone', 'alone'],
  ['alone', 'offered'],
  ['alone', 'joined'],
  ['offered', 'alone'],
  ['offered', 'offered'],
] as const)('a port that is used %s is taken for a process that wants it %s', async (first, second) => {
  const port = await freePort()
  await open(port, first)
  await expect(open(port, second)).rejects.toThrow('EADDRINUSE')
})

test('a free port is picked for 0', async () => {
  expect(await open(0, 'offered')).toBeGreaterThan(0)
})

test('a quiet turn comes after the last connection that waited, and a steady stream delays it for a second at most', async () => {
  const server = createServer()
  let left = 20
  const arrive = () => {
    server.emit('connection')
    left -= 1
    if (left > 0) setImmediate(arrive)
  }
  setImmediate(arrive)
  await quietTurn(server)
  expect(left).toBe(0)
  expect(server.listenerCount('connection')).toBe(0)
  let isStopped = false
  const arriveOn = () => {
    server.emit('connection')
    if (!isStopped) setImmediate(arriveOn)
  }
  arriveOn()
  await quietTurn(server)
  isStopped = true
  expect(server.listenerCount('connection')).toBe(0)
})
