import { expect, test } from 'vitest'
import { JoinRequest } from './join.ts'

test('the hub drops facts and capabilities of a newer agent that joins, and reads all else', () => {
  const inventory = {
    hostname: 'gateway',
    arch: 'arm64',
    os: 'linux',
    cpuModel: 'cortex',
    cpuCount: 4,
    memoryBytes: 1,
    diskFreeBytes: 1,
    capabilities: ['onnx', 'quantum'],
    opsetMax: 26,
  }
  const request = { secret: 'secret', csr: 'csr', inventory }
  const read = JoinRequest.parse({ ...request, inventory: { ...inventory, gpus: 2 } })
  expect(read).toEqual({ ...request, inventory: { ...inventory, capabilities: ['onnx'] } })
})
