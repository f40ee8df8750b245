import { createHash } from 'node:crypto'
import { Digest } from '@skerry/contract/values/digest'
import { DeviceId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { growDeviceTree, isInTree } from './device-tree.ts'

const digestOf = (text: string) => Digest.parse(`sha256:${createHash('sha256').update(text).digest('hex')}`)

const id = fc
  .string({ unit: fc.constantFrom(...'abcdefgh234567'), minLength: 8, maxLength: 9 })
  .map((word) => DeviceId.parse(`dev_${word}`))
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 40 })

test('each device of the set can prove it, and nobody else can with any of the proofs', () => {
  fc.assert(
    fc.property(ids, id, (devices, stranger) => {
      fc.pre(!devices.includes(stranger))
      const tree = growDeviceTree(devices, digestOf)
      for (const device of devices) {
        const proof = tree.proofOf(device)
        expect(proof?.length).toBeLessThanOrEqual(6)
        expect(isInTree(device, proof ?? [], tree.root, digestOf)).toBe(true)
        expect(isInTree(stranger, proof ?? [], tree.root, digestOf)).toBe(false)
      }
      expect(tree.proofOf(stranger)).toBeUndefined()
    }),
  )
})

test('the root names the set: another order is the same, one device more is not', () => {
  fc.assert(
    fc.property(ids, id, (devices, another) => {
      fc.pre(!devices.includes(another))
      const { root } = growDeviceTree(devices, digestOf)
      expect(growDeviceTree(devices.toReversed(), digestOf).root).toBe(root)
      expect(growDeviceTree([...devices, another], digestOf).root).not.toBe(root)
    }),
  )
})

test('a proof of which anything was changed proves nothing', () => {
  const devices = ['dev_aaaaaaaa', 'dev_bbbbbbbb', 'dev_cccccccc'].map((word) => DeviceId.parse(word))
  const tree = growDeviceTree(devices, digestOf)
  const [device] = devices
  if (!device) throw new Error('none')
  const proof = tree.proofOf(device) ?? []
  const other = Digest.parse(`sha256:${'0'.repeat(64)}`)
  expect(isInTree(device, proof.slice(1), tree.root, digestOf)).toBe(false)
  expect(isInTree(device, proof.with(0, { side: 'left', digest: other }), tree.root, digestOf)).toBe(false)
  expect(isInTree(device, proof, other, digestOf)).toBe(false)
})

test('a set of nobody has no tree', () => {
  expect(() => growDeviceTree([], digestOf)).toThrow('no device')
})
