/** Look stream: what a watch of a flow tells, and a device that answers as a test tells it. */
import { get } from 'node:https'
import type { DeviceCommand } from '@skerry/contract/devices/device-command'
import { type AskedDevice, put } from './asked-device.ts'
import type { TestHub } from './running-hub.ts'

/** A flow of which there is nothing to say. */
export const FLOW = {
  kind: 'flow',
  name: 'pump',
  atMs: 1_000,
  state: { kind: 'running' },
  crashes: 0,
  lost: 0,
  parts: [],
  queues: [],
}
type Event = { kind: string; code?: string; atMs?: number }

/** Answers the next question with this. */
export async function answerLook(test: TestHub, device: AskedDevice, look: object): Promise<DeviceCommand> {
  const command = await device.asked()
  await put(test, device, command.id, Buffer.from(JSON.stringify(look)))
  await device.link.client.answer({ id: command.id, kind: 'look' })
  return command
}

/** Until it ends, or nobody wants more. */
export async function* watchFlow(test: TestHub, device: { name: string }): AsyncGenerator<Event, void> {
  const { promise, resolve, reject } = Promise.withResolvers<AsyncIterable<Buffer>>()
  const options = { ca: test.hub.config.caPem, headers: { authorization: `Bearer ${test.ownerKey}` } }
  const path = `/v1/devices/${device.name}/flows/pump/watch`
  const request = get(`${test.url}${path}`, options, resolve).on('error', reject)
  let text = ''
  try {
    for await (const chunk of await promise) {
      text += chunk.toString()
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        const data = /^data: (\{.*\})$/m.exec(event)?.[1]
        if (data) yield JSON.parse(data)
      }
    }
  } finally {
    request.destroy()
  }
}

export async function next(events: AsyncGenerator<Event, void>): Promise<Event> {
  const { value } = await events.next()
  if (!value) throw new Error('the stream has ended')
  return value
}
