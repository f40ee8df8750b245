import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { openShutdown, type SignalSource } from './shutdown.ts'

function start(graceMs?: number) {
  const events = new EventEmitter()
  const exits: number[] = []
  const told: string[] = []
  const source: SignalSource = {
    on: (name, listener) => events.on(name, listener),
    off: (name, listener) => events.off(name, listener),
    exit: (code) => void exits.push(code),
  }
  const log = { info: (event: string) => void told.push(event), error: (event: string) => void told.push(event) }
  const kill = (name: 'SIGINT' | 'SIGTERM') => void events.emit(name, name)
  return {
    shutdown: openShutdown({ log, source, ...(graceMs !== undefined && { graceMs }) }),
    kill,
    exits,
    told,
    events,
  }
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s fires the signal, a second one exits at once', (name) => {
  const { shutdown, kill, exits, told } = start()
  expect(shutdown.signal.aborted).toBe(false)
  kill(name)
  expect([shutdown.signal.aborted, exits, told]).toEqual([true, [], ['shutdown_started']])
  kill('SIGTERM')
  expect(exits).toEqual([143])
})

test('puts things away in reverse order, each when the one after it is done', async () => {
  const { shutdown, events } = start()
  const done: string[] = []
  const slow = {
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => setImmediate(() => resolve(void done.push('server')))),
  }
  shutdown.defer('lock', () => void done.push('lock'))
  expect(shutdown.use('store', { [Symbol.dispose]: () => void done.push('store') })).toBeDefined()
  shutdown.use('server', slow)
  await shutdown[Symbol.asyncDispose]()
  expect(done).toEqual(['server', 'store', 'lock'])
  expect(shutdown.signal.aborted).toBe(true)
  expect(events.eventNames()).toEqual([])
})

test('one failure does not keep the others from being put away', async () => {
  const { shutdown } = start()
  const done: string[] = []
  shutdown.defer('first', () => void done.push('first'))
  shutdown.defer('broken', () => Promise.reject(new Error('broken')))
  await expect(shutdown[Symbol.asyncDispose]()).rejects.toThrow('broken')
  expect(done).toEqual(['first'])
})

test('names what hangs, and exits', async () => {
  const { shutdown, exits, told } = start(10)
  const hung = Promise.withResolvers<void>()
  shutdown.defer('socket', () => hung.promise)
  const exiting = shutdown[Symbol.asyncDispose]()
  await expect.poll(() => exits).toEqual([1])
  expect(told).toEqual(['shutdown_started', 'shutdown_overdue'])
  hung.resolve()
  await exiting
})
