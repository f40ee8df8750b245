import type { Inventory } from '@skerry/contract/devices/device'
import { expect, test } from 'vitest'
import { hardwareClassOf } from './hardware-class.ts'

const inventory = (change: Partial<Inventory>): Inventory => ({
  hostname: 'press-4',
  arch: 'x64',
  os: 'linux 6.12',
  cpuModel: 'unknown',
  cpuCount: 4,
  memoryBytes: 4e9,
  diskFreeBytes: 1e9,
  capabilities: ['onnx'],
  opsetMax: 26,
  ...change,
})

test.each([
  [{ hardware: { instructions: ['avx2', 'avx512', 'vnni'], accelerators: [] } }, 'x64-vnni-4c'],
  [{ hardware: { instructions: ['avx2', 'avx512', 'vnni', 'amx'], accelerators: [] }, cpuCount: 6 }, 'x64-amx-4c'],
  [{ hardware: { instructions: ['avx2'], accelerators: ['nvidia', 'gpu'] }, cpuCount: 1 }, 'x64-avx2-1c-gpu-nvidia'],
  [{ hardware: { instructions: ['neon', 'dotprod'], accelerators: [] }, arch: 'arm64' }, 'arm64-dotprod-4c'],
  [{ hardware: { instructions: [], accelerators: [] }, cpuCount: 300 }, 'x64-base-64c'],
] satisfies [Partial<Inventory>, string][])('%o has the class %s', (change, expected) => {
  expect(hardwareClassOf(inventory(change))).toBe(expected)
})

test('a device whose agent does not report its hardware has no class', () => {
  expect(hardwareClassOf(inventory({}))).toBeUndefined()
})
