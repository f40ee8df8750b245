/**
 * Device tree: a hash tree over device ids [as RFC 9162, 2.1], so that one signature counts for many devices and each can prove with a few
 * digests that it is one of them. Leaves and inner nodes are spelled differently, so that neither can pass for the other.
 */

import type { ProofStep } from '@skerry/contract/batches/job'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'

type Hash = (text: string) => Digest

export type DeviceTree = {
  root: Digest
  /** Undefined for a device that is none of them. */
  proofOf(deviceId: DeviceId): ProofStep[] | undefined
}

/** The tree over the ids, in whatever order they come. An empty set has no tree: it throws. */
export function growDeviceTree(deviceIds: readonly DeviceId[], hash: Hash): DeviceTree {
  const sorted = [...new Set(deviceIds)].sort()
  const places = new Map(sorted.map((id, place) => [id, place]))
  const levels: Digest[][] = [sorted.map((id) => leafOf(id, hash))]
  for (let level = levels[0] ?? []; level.length > 1; ) {
    level = parentsOf(level, hash)
    levels.push(level)
  }
  const [root] = levels.at(-1) ?? []
  if (root === undefined) throw new Error('a tree over no device')
  return {
    root,
    proofOf(deviceId) {
      const place = places.get(deviceId)
      return place === undefined ? undefined : proofAt(levels, place)
    },
  }
}

/** Whether the proof leads from the device to the root. */
export function isInTree(deviceId: DeviceId, proof: readonly ProofStep[], root: Digest, hash: Hash): boolean {
  let digest = leafOf(deviceId, hash)
  for (const step of proof) {
    digest = step.side === 'left' ? nodeOf(step.digest, digest, hash) : nodeOf(digest, step.digest, hash)
  }
  return digest === root
}

const leafOf = (deviceId: DeviceId, hash: Hash): Digest => hash(`device ${deviceId}`)

const nodeOf = (left: Digest, right: Digest, hash: Hash): Digest => hash(`node ${left} ${right}`)

/** The last of an odd number goes up as it is. */
function parentsOf(level: readonly Digest[], hash: Hash): Digest[] {
  const parents: Digest[] = []
  for (let at = 0; at < level.length; at += 2) {
    const [left, right] = level.slice(at, at + 2)
    if (left !== undefined) parents.push(right === undefined ? left : nodeOf(left, right, hash))
  }
  return parents
}

function proofAt(levels: readonly Digest[][], leaf: number): ProofStep[] {
  const steps: ProofStep[] = []
  let place = leaf
  for (const level of levels) {
    const digest = level[place ^ 1]
    if (digest !== undefined) steps.push({ side: place % 2 === 1 ? 'left' : 'right', digest })
    place >>= 1
  }
  return steps
}
