/** Fit: whether a version can run on this device at all; checked before any of its files is fetched. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { Cause } from '@skerry/contract/devices/item'
import { kindOf } from '@skerry/contract/kinds/kinds'
import type { Serving } from '@skerry/contract/models/serving'
import { fixedMemoryOf, servingOf } from '../kinds/kinds.ts'
import { sizeText } from '../values/size-text.ts'

export type Room = {
  /** Bytes of the version's files that are not on disk yet. */
  missingBytes: number
  /** Bytes on disk that are free once all collectable files have been collected. */
  freeBytes: number
  /** The bytes that stay free whatever arrives. */
  floorBytes: number
  memoryAvailableBytes: number
  /** The part of it for versions that must stay loaded beside this one, and are not loaded yet. */
  besideBytes?: number
}

/**
 * A session holds the weights once more than the file, or less if they are mapped; half as much again covers the
 * working memory of small models. The estimate is low on purpose: if it is too high, it rejects versions that would
 * fit, and if it is too low, the load itself finds out.
 */
const MEMORY_PER_FILE_BYTE = 1

/** Why the version does not fit, the most helpful reason first; undefined when it does. */
export function fitProblem(item: DesiredItem, room: Room): Cause | undefined {
  if (kindOf(item.files) !== item.kind) {
    const message =
      'the version is neither an ONNX model nor a flow, and this agent runs nothing else; update the agent, or push the model as ONNX'
    return { code: 'format_unsupported', message }
  }
  const needBytes = room.missingBytes + room.floorBytes
  if (needBytes > room.freeBytes) {
    const message = `the version needs ${sizeText(room.missingBytes)}, and ${sizeText(room.floorBytes)} must stay free, but only ${sizeText(room.freeBytes)} are free; make room and retry`
    return { code: 'disk_insufficient', message }
  }
  const { besideBytes = 0 } = room
  const needed = memoryBytes(item)
  if (needed + besideBytes > room.memoryAvailableBytes) {
    const beside = besideBytes > 0 ? `, besides ${sizeText(besideBytes)} for the serving versions,` : ''
    const message = `${servingOf(item).instances} instances need at least ${sizeText(needed)} of memory${beside || ','} and ${sizeText(room.memoryAvailableBytes)} are available; lower serving.instances or use a smaller model`
    return { code: 'memory_insufficient', message }
  }
  return undefined
}

/** The least memory that a version takes once it is loaded. */
export function memoryBytes(item: DesiredItem): number {
  const fixed = fixedMemoryOf(item)
  if (fixed !== undefined) return fixed
  const modelBytes = item.files.reduce((sum, { path, sizeBytes }) => sum + (path === GOLDEN_PATH ? 0 : sizeBytes), 0)
  return modelBytes * servingOf(item).instances * MEMORY_PER_FILE_BYTE
}

/**
 * [measured] A thread with the runtime and a tiny model; a process has a Node of its own besides. Only for the limit of
 * loaded models: a version that is refused must need more memory for certain.
 */
const SEAT_BYTES: Record<Serving['isolation'], number> = { shared: 24 * 1024 * 1024, process: 60 * 1024 * 1024 }

/** The memory that one worker of the version takes. */
export const workerBytesOf = (item: DesiredItem, isolation: Serving['isolation']): number =>
  memoryBytes(item) / servingOf(item).instances + SEAT_BYTES[isolation]
