/** Capture command: sends rows that the device keeps to the hub, which passes them on to a person. */
import type { CapturedRow } from '@skerry/contract/captures/capture'
import type { CommandOf } from '@skerry/contract/devices/device-command'
import type { CaptureKeeper } from '../captures/capture-keeper.ts'
import type { HubDownload } from '../hub/hub-download.ts'
import type { CommandResult } from './command-desk.ts'
import { sendAnswer } from './send-answer.ts'

/** [hub, answer-json.ts] The hub parses at most 4 MiB. The rows that do not fit come with the next request. */
const BYTES_MAX = 3 * 1024 * 1024

/** Sends the rows that fit into one answer; at least one. */
export async function sendCaptures(
  { send, captures }: { send: HubDownload['send']; captures: Pick<CaptureKeeper, 'read' | 'settled'> },
  { id, model, limit, before, requests, isBrief }: CommandOf<'read-captures'>,
  signal: AbortSignal,
): Promise<CommandResult<'read-captures'>> {
  await captures.settled()
  const { rows, heldCount, droppedCount } = captures.read({ model, limit, before, requests })
  const { text, isCut } = jsonOf(isBrief ? rows.map(briefOf) : rows)
  const unsent = await sendAnswer(send, { id, text }, signal)
  return unsent ?? { kind: 'read-captures', heldCount, droppedCount, ...(isCut && { isCut }) }
}

const briefOf = ({ inputs: _, outputs: __, ...row }: CapturedRow): CapturedRow => row

function jsonOf(rows: readonly CapturedRow[]): { text: string; isCut: boolean } {
  const texts: string[] = []
  let bytes = 2
  for (const row of rows) {
    const text = JSON.stringify(row)
    bytes += Buffer.byteLength(text) + 1
    if (bytes > BYTES_MAX && texts.length > 0) break
    texts.push(text)
  }
  return { text: `[${texts.join()}]`, isCut: texts.length < rows.length }
}
