/** Device rows: fetches captured rows from a device. They are passed on, and stored nowhere. */
import { CapturedRow, KEYS_MAX } from '@skerry/contract/captures/capture'
import type { CommandOf } from '@skerry/contract/devices/device-command'
import * as z from 'zod'
import { parseAnswer } from '../commands/answer-json.ts'
import { askDevice } from '../commands/ask-device.ts'
import type { Failure } from '../commands/command-failure.ts'
import type { DeviceRow } from '../devices/device-store.ts'
import type { Hub } from '../hub.ts'

/** A person waits for them. */
const TIMEOUT_MS = 15_000

const Rows = z.array(CapturedRow).max(KEYS_MAX)

type Wish = Omit<CommandOf<'read-captures'>, 'id' | 'kind' | 'expiresInMs'>

export type FetchedRows = { ok: true; rows: CapturedRow[]; heldCount: number; droppedCount: number; isCut: boolean }

/** The rows, or the reason why there are none. */
export async function fetchRows(
  hub: Hub,
  { id, organisation_id, status }: Pick<DeviceRow, 'id' | 'organisation_id' | 'status'>,
  command: Wish,
  signal: AbortSignal,
): Promise<FetchedRows | Failure> {
  if (status === 'wiping') return { ok: false, code: 'device_unreachable', message: 'the device is being wiped' }
  const question = { kind: 'read-captures' as const, payer: organisation_id, command, timeoutMs: TIMEOUT_MS }
  using given = await askDevice(hub, id, question, signal)
  if (!given.ok) return { ok: false, code: given.code, ...(given.message !== undefined && { message: given.message }) }
  const { data: rows } = Rows.safeParse(parseAnswer(given.body))
  if (!rows) return { ok: false, code: 'command_failed', message: UNREADABLE }
  const { heldCount, droppedCount, isCut = false } = given.answer
  return { ok: true, rows, heldCount, droppedCount, isCut }
}

const UNREADABLE = 'the answer of the device cannot be read; check that the versions of hub and agent fit together'
