import { createServer } from 'node:net'
import { freePort } from '@skerry/testkit/free-port'
import { expect, onTestFinished, test } from 'vitest'
import { listen, type PortUse } from './listen.ts'

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
