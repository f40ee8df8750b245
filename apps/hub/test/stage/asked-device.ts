/** Asked device: a device of the tests that is connected and answers what it is asked as a test tells it. */
import type { CommandMessage, DeviceCommand } from '@skerry/contract/devices/device-command'
import type { TestHub } from './running-hub.ts'
import { joinDevice, openLink, reportOf, type TestDevice, type TestLink } from './test-device.ts'

/** An input of the model that the tests push. */
export const INPUT = { name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, -2] }

export type AskedDevice = Disposable &
  TestDevice & { link: TestLink; next(): Promise<CommandMessage>; asked(): Promise<DeviceCommand> }

/** A device that is connected and waits to be asked. */
export async function connected(test: TestHub, kinds = ['infer', 'logs']): Promise<AskedDevice> {
  const device = await joinDevice(test)
  const link = await openLink(test, device)
  await link.client.report(reportOf())
  const stream = (await link.client.commands({ kinds }))[Symbol.asyncIterator]()
  const next = async () => {
    const { value } = await stream.next()
    return value as CommandMessage
  }
  const asked = async () => {
    for (;;) {
      const message = await next()
      if (message.kind !== 'cancel') return message
    }
  }
  return { ...device, link, next, asked, [Symbol.dispose]: () => link[Symbol.dispose]() }
}

export const infer = (test: TestHub, device: { name: string }, body: object = {}, model = 'pump') =>
  test.ask<Record<string, unknown> & { code?: string; message?: string }>(
    'POST',
    `/v1/devices/${device.name}/models/${model}/infer`,
    { body: { inputs: [INPUT], ...body } },
  )

/** What the runner of a real device would answer. */
export function runnerAnswer(y: readonly number[]) {
  const data = Buffer.from(new Float32Array(y).buffer)
  const outputs = [{ name: 'y', shape: [1, y.length], datatype: 'FP32', parameters: { binary_data_size: data.length } }]
  const json = Buffer.from(JSON.stringify({ model_name: 'pump', model_version: '1', outputs }))
  return { bytes: Buffer.concat([json, data]), jsonBytes: json.length }
}

export const put = (test: TestHub, device: TestDevice, id: string, raw: Uint8Array) =>
  test.ask<{ code?: string }>('PUT', `/v1/device-commands/${id}/answer`, {
    key: null,
    certificate: device,
    raw,
    headers: { 'content-type': 'application/octet-stream' },
  })

export const get = (test: TestHub, id: string, certificate?: TestDevice) =>
  test.ask<{ code?: string }>('GET', `/v1/device-commands/${id}`, { key: null, ...(certificate && { certificate }) })
