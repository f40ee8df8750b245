import { expect, test } from 'vitest'
import { orderPower } from './power.ts'

const orders: string[] = []
const run = async (program: string, args: readonly string[]) => {
  orders.push([program, ...args].join(' '))
  return ''
}
const clock = { sleep: async (_ms: number, signal: AbortSignal) => signal.throwIfAborted() }

test('a machine is restarted only if its own command line allows it', async () => {
  const { signal } = new AbortController()
  const refused = orderPower('reboot', { switches: ['name', 'network'], run, clock }, signal)
  await expect(refused).rejects.toMatchObject({ code: 'system_refused' })
  expect(orders).toEqual([])
  // This machine goes on, which the job reports.
  await expect(orderPower('poweroff', { switches: ['power'], run, clock }, signal)).rejects.toThrow('still runs')
  expect(orders).toEqual(['systemctl poweroff'])
})

test('the end of the agent is the end of the wait', async () => {
  const end = new AbortController()
  const ending = {
    async sleep(_ms: number, signal: AbortSignal) {
      end.abort()
      signal.throwIfAborted()
    },
  }
  await expect(orderPower('reboot', { switches: ['power'], run, clock: ending }, end.signal)).rejects.toThrow('aborted')
})
