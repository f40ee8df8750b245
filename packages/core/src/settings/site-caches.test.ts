import { expect, test } from 'vitest'
import { cachesFor, filesToRemove } from './site-caches.ts'

test('a device uses the caches in their order, and a cache only the ones before it', () => {
  const lines = ['press-4=10.0.0.7:8600', 'oven-1=[fd00::1]:8600']
  expect(cachesFor(lines, 'robot-1')).toEqual([
    { device: 'press-4', address: '10.0.0.7:8600' },
    { device: 'oven-1', address: '[fd00::1]:8600' },
  ])
  expect(cachesFor(lines, 'press-4')).toEqual([])
  expect(cachesFor(lines, 'oven-1')).toEqual([{ device: 'press-4', address: '10.0.0.7:8600' }])
  expect(cachesFor(undefined, 'press-4')).toEqual([])
})

const file = (digest: string, sizeBytes: number, usedAtMs: number) => ({ digest, sizeBytes, usedAtMs })

test('the files whose last use is longest ago make room, and no more of them than needed', () => {
  const files = [file('b', 40, 2), file('a', 40, 1), file('c', 20, 3)]
  expect(filesToRemove(files, { sizeBytes: 20, bytesMax: 120 })).toEqual([])
  expect(filesToRemove(files, { sizeBytes: 21, bytesMax: 120 })).toEqual([file('a', 40, 1)])
  expect(filesToRemove(files, { sizeBytes: 61, bytesMax: 120 })).toEqual([file('a', 40, 1), file('b', 40, 2)])
  expect(filesToRemove(files, { sizeBytes: 120, bytesMax: 120 })).toHaveLength(3)
})

test('a file that is larger than the cache removes nothing', () => {
  expect(filesToRemove([file('a', 40, 1)], { sizeBytes: 121, bytesMax: 120 })).toBeUndefined()
})
