import { beforeEach, expect, test } from 'vitest'
import type { FakeHub } from '../../../test/fake-hub/fake-hub.ts'
import { cli } from '../../../test/stage/cli.ts'
import { openSignedIn } from '../../../test/stage/signed-in.ts'

let hub: FakeHub
let env: Record<string, string>

beforeEach(async () => {
  const signedIn = await openSignedIn()
  ;({ hub, env } = signedIn)
  return () => signedIn[Symbol.asyncDispose]()
})

const WINDOW = `window=${JSON.stringify([Array.from({ length: 8 }, () => [1, 2])])}`
const onDevice = (...more: string[]) =>
  cli(['infer', 'anomaly', '--device', 'gateway-1', '--input', WINDOW, ...more], { env })

test('a device is asked through the hub, by the signature of what it serves', async () => {
  const { code, out, err } = await onDevice()
  expect({ code, err }).toEqual({ code: 0, err: 'gateway-1 took 0.83 ms, in total 14 ms\n' })
  await expect(out).toMatchFileSnapshot('golden/tables/infer-device.txt')
  const asked = JSON.parse(hub.state.calls[0] ?? '')
  expect(asked).toMatchObject({ device: 'gateway-1', model: 'anomaly', outputsAs: 'raw', timeoutMs: 30_000 })
  expect(asked.version).toBeUndefined()
  const [input] = asked.inputs
  expect(input).toMatchObject({ name: 'window', datatype: 'FP32', shape: [1, 8, 2] })
  expect(Buffer.from(input.data, 'base64')).toHaveLength(64)
})

test('as JSON it is the answer of the hub with its elements', async () => {
  const { out, err } = await onDevice('--json', '--timeout', '2m')
  expect(err).toBe('')
  expect(JSON.parse(out)).toMatchObject({
    device: 'gateway-1',
    model: 'anomaly',
    version: 1,
    runnerUs: 830,
    outputs: [{ name: 'score', shape: [2, 1], data: [0.5, 'NaN'] }],
  })
  expect(JSON.parse(hub.state.calls[0] ?? '')).toMatchObject({ timeoutMs: 120_000 })
})

test('what the device does not serve is told', async () => {
  const other = await cli(['infer', 'other', '--device', 'gateway-1', '--input', 'x=[1]'], { env })
  expect(other.err).toContain('code: model_unknown')
  expect((await onDevice('--version', '9')).err).toContain('code: model_unserved')
  expect((await onDevice('--version', 'latest')).err).toContain('--version latest is not a number')
})

test('the log of a device is shown, with what is left out', async () => {
  const { code, out, err } = await cli(['device', 'logs', 'gateway-1'], { env })
  expect({ code, err }).toEqual({ code: 0, err: '3 older lines not shown\n' })
  await expect(out).toMatchFileSnapshot('golden/tables/device-logs.txt')
  const json = await cli(['device', 'logs', 'gateway-1', '--level', 'warn', '--json'], { env })
  expect(JSON.parse(json.out)).toMatchObject({ omittedCount: 3, lines: [{ event: 'condition_raised' }] })
  expect((await cli(['device', 'logs', 'gateway-1', '--level', 'error'], { env })).out).toBe('no lines\n')
  expect((await cli(['device', 'logs', 'gateway-1', '--limit', '0'], { env })).code).toBe(2)
})
