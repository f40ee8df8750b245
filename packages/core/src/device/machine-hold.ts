/**
 * Machine hold: trouble of the machine for which a version waits: no runner can start (its port is in use), or disk or
 * memory have no room now. It is no fault of the version, is not remembered against it, and ends by itself. The device
 * reports it as a condition.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import { memoryBytes } from './fit.ts'
import type { UpdateHold } from './update-hold.ts'

/**
 * Codes of trouble that room on this machine would end; a device raises them as conditions while a version waits for
 * it.
 */
export const ROOM_WAITS = ['disk_insufficient', 'memory_insufficient'] as const

/** The state of the machine; a fact is absent if it is unknown. */
export type MachineFacts = {
  /** Why the runtimes of kinds cannot begin. */
  troubles?: ReadonlyMap<VersionKind, Cause>
  memoryTotalBytes?: number
  /** Digests of the versions on trial that the machine runs already. No window and no lock holds back their judgement. */
  trials?: ReadonlySet<string>
  /** Kinds whose driver is not ready. Their versions wait; all others continue. */
  unready?: ReadonlySet<VersionKind>
}

type ReadyFacts = { loaded?: readonly unknown[]; machine?: MachineFacts }

/** Whether the driver of the item's kind can load it now. */
export const canLoad = ({ kind }: Pick<DesiredItem, 'kind'>, { loaded, machine }: ReadyFacts): boolean =>
  loaded !== undefined && !machine?.unready?.has(kind)

/** Why a version that is whole on the disk is not loaded now. */
export function troubleHold(item: Pick<DesiredItem, 'kind'>, facts: ReadyFacts): UpdateHold | undefined {
  const cause = facts.machine?.troubles?.get(item.kind)
  return cause && !canLoad(item, facts) ? { cause } : undefined
}

/** Why a version does not begin now that does not fit; undefined if waiting would mend nothing. */
export function roomHold(item: DesiredItem, cause: Cause | undefined, machine: MachineFacts): UpdateHold | undefined {
  if (!cause || !ROOM_WAITS.some((code) => code === cause.code)) return undefined
  const { memoryTotalBytes = Number.POSITIVE_INFINITY } = machine
  const fitsNever = cause.code === 'memory_insufficient' && memoryBytes(item) > memoryTotalBytes
  return fitsNever ? undefined : { cause }
}

/**
 * Errors of the machine in a load or a run: rights, handles, memory and disk, by the names that Linux and the runtime
 * give them. Only a person, or the kernel when memory runs out, sends SIGKILL to the process of a model.
 */
const MACHINE_WORDS =
  /\b(EACCES|EPERM|EMFILE|ENFILE|ENOMEM|ENOSPC|EDQUOT|EIO|EROFS|EAGAIN|ERR_WORKER_INIT_FAILED|ERR_WORKER_OUT_OF_MEMORY)\b|bad_alloc|Cannot allocate memory|\(SIGKILL\)/

/** Whether a load or a run failed by the machine, and not by the version: it is tried again. */
export const isMachineTrouble = (message: string): boolean => MACHINE_WORDS.test(message)
