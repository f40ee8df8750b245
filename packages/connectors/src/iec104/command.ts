/** IEC 104 command: what is sent to switch or to set, and what the station says to it. [IEC 60870-5-101, 7.3.2 and 7.2.6.15 to 7.2.6.26] */
import type { Iec104Command } from '@skerry/contract/sources/protocols/source-iec104'
import type { TagContent } from '@skerry/contract/sources/tag'
import { type Asdu, CAUSE, type Order, REFUSALS, TYPE } from './asdu.ts'

/** Select before operate: the first of the two. */
const SELECT = 0x80

/** The element of the command; undefined where the value cannot stand in it. */
export function commandElement(
  { kind }: Pick<Iec104Command, 'kind'>,
  raw: TagContent,
  isSelect: boolean,
): Uint8Array | undefined {
  const select = isSelect ? SELECT : 0
  if (kind === 'single' || kind === 'double') return switchElement(kind, raw, select)
  if (typeof raw !== 'number' || Number.isNaN(raw)) return undefined
  if (kind === 'float') return floatElement(raw, select)
  const whole = kind === 'normalised' ? Math.round(raw * 2 ** 15) : Math.round(raw)
  if (whole < -(2 ** 15) || whole >= 2 ** 15) return undefined
  return Uint8Array.of(whole & 0xff, (whole >> 8) & 0xff, select)
}

/** [7.2.6.15, 7.2.6.16] Of a double command 1 is off and 2 is on. */
function switchElement(kind: 'single' | 'double', raw: TagContent, select: number): Uint8Array | undefined {
  if (typeof raw !== 'boolean') return undefined
  return Uint8Array.of((Number(raw) + (kind === 'double' ? 1 : 0)) | select)
}

function floatElement(value: number, select: number): Uint8Array | undefined {
  if (!Number.isFinite(Math.fround(value))) return undefined
  const view = new DataView(new ArrayBuffer(5))
  view.setFloat32(0, value, true)
  view.setUint8(4, select)
  return new Uint8Array(view.buffer)
}

export const typeOf = ({ kind }: Pick<Iec104Command, 'kind'>): number => TYPE[kind]

/** Whether the message answers the order: undefined where it does not, and what is wrong where the station will not. */
export function answerTo(order: Order, heard: Asdu): { ok: true } | { ok: false; message: string } | undefined {
  const isSame = heard.type === order.type && heard.commonAddress === order.commonAddress
  if (!isSame || heard.firstAddress !== order.address) return undefined
  const refusal = REFUSALS.get(heard.cause)
  if (refusal !== undefined) return { ok: false, message: refusal }
  if (heard.cause !== CAUSE.confirmation) return undefined
  return heard.isNegative ? { ok: false, message: 'the station does not confirm it' } : { ok: true }
}
