/** Independent clients get the same outputs through every door: Python's grpcio and http.client, and curl. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Datatype } from '@skerry/contract/models/tensor'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGrpcServer } from '../src/grpc/grpc-server.ts'
import { bytesOfStrings } from '../src/host/raw-tensor.ts'
import { type OipServer, startRestServer } from '../src/rest/rest-server.ts'
import { newHost, serve } from './fixture.ts'

/** Extreme values of each data type, as the bytes of six elements. */
const SAMPLES: Record<Exclude<Datatype, 'BF16'>, ArrayBufferView> = {
  BOOL: Uint8Array.of(0, 1, 1, 0, 0, 1),
  UINT8: Uint8Array.of(0, 1, 127, 128, 254, 255),
  INT8: Int8Array.of(0, 1, -1, 127, -127, -128),
  UINT16: Uint16Array.of(0, 1, 2 ** 15, 2 ** 16 - 1, 7, 8),
  INT16: Int16Array.of(0, 1, -1, 2 ** 15 - 1, -(2 ** 15), 8),
  UINT32: Uint32Array.of(0, 1, 2 ** 31, 2 ** 32 - 1, 7, 8),
  INT32: Int32Array.of(0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 8),
  UINT64: BigUint64Array.of(0n, 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n, 8n),
  INT64: BigInt64Array.of(0n, -1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)),
  FP16: Uint16Array.of(0, 1, 0x3c00, 0x7bff, 0x8001, 0x0400),
  FP32: Float32Array.of(0, 1e-45, 0.1, -3.4028234663852886e38, 1 / 3, 16_777_217),
  FP64: Float64Array.of(0, 5e-324, 0.1, -1.7976931348623157e308, 1 / 3, 2 ** 53 + 2),
  BYTES: bytesOfStrings(['', 'a', 'größer', '🚢', '"\\\n', 'x'.repeat(300)]),
}

const cases = Object.entries(SAMPLES).map(([datatype, { buffer, byteOffset, byteLength }]) => ({
  model: `identity-${datatype.toLowerCase()}`,
  datatype,
  shape: [3, 2],
  hex: Buffer.from(buffer, byteOffset, byteLength).toString('hex'),
}))

const host = newHost()
const identity = { name: 'skerry', version: '0.1.0' }
let rest: OipServer
let grpc: OipServer

beforeAll(async () => {
  for (const { model } of cases) await serve(host, model)
  rest = await startRestServer({ host, identity, port: 0 })
  grpc = await startGrpcServer({ host, identity, port: 0 })
})
afterAll(async () => {
  await Promise.all([rest.close(1_000), grpc.close(1_000)])
  await host.close()
})

/** Runs a program to its end; it must succeed. */
function run(program: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(input)
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${program} ended with ${code}`))))
  })
}

test.skipIf(!isInstalled('/usr/bin/python3', '-c', 'import grpc_tools.protoc'))(
  'Python gets the same bytes of every data type over REST JSON, REST binary, gRPC raw and gRPC typed',
  async () => {
    const client = fileURLToPath(new URL('./oip-client.py', import.meta.url))
    const proto = fileURLToPath(new URL('../proto/open_inference_grpc.proto', import.meta.url))
    const output = await run('/usr/bin/python3', [client, proto, `${rest.port}`, `${grpc.port}`], JSON.stringify(cases))
    const expected = cases.map(({ datatype, hex }) =>
      datatype === 'FP16'
        ? { restBinary: hex, grpcRaw: hex }
        : { restBinary: hex, grpcRaw: hex, restJson: hex, grpcTyped: hex },
    )
    expect(JSON.parse(output)).toEqual(expected)
  },
)

test.skipIf(!isInstalled('curl', '--version'))('curl gets the same', async () => {
  const body =
    '{"inputs":[{"name":"x","shape":[1,2],"datatype":"INT64","data":[9223372036854775807,-9223372036854775808]}]}'
  const url = `http://127.0.0.1:${rest.port}/v2/models/identity-int64/infer`
  const output = await run('curl', ['--silent', '--fail-with-body', '--data-binary', '@-', url], body)
  expect(output).toBe(
    '{"model_name":"identity-int64","model_version":"1","outputs":[{"name":"y","shape":[1,2],"datatype":"INT64","data":[9223372036854775807,-9223372036854775808]}]}',
  )
})
