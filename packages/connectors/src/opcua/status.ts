/** OPC UA status: what the codes of servers mean, and what to look at. [OPC 10000-4, 7.38] */
import type { TagCause } from '@skerry/contract/sources/tag'
import type { StatusCode } from 'node-opcua-client'

/** [OPC 10000-4, 5.12.2] */
const CALLS: Readonly<Record<string, [code: string, message: string]>> = {
  BadArgumentsMissing: ['type_wrong', 'the method needs more arguments'],
  BadTooManyArguments: ['type_wrong', 'the method needs fewer arguments'],
  BadInvalidArgument: ['value_refused', 'the method does not accept these arguments'],
  BadMethodInvalid: ['address_unknown', 'the object has no such method'],
  BadNotExecutable: ['access_refused', 'the method cannot be called now'],
  BadInvalidState: ['access_refused', 'the equipment is not in a state that allows this'],
  BadNotImplemented: ['access_refused', 'the server does not implement this method'],
  BadNotSupported: ['access_refused', 'the server does not call this method'],
  BadSecurityModeInsufficient: ['access_refused', 'the server requires a connection with better security'],
}

const CAUSES: Readonly<Record<string, [code: string, message: string]>> = {
  ...CALLS,
  BadNodeIdUnknown: ['address_unknown', 'the server has no such node; "skerry source browse" lists its nodes'],
  BadNodeIdInvalid: ['address_unknown', 'the server does not accept this as a node id'],
  BadNotReadable: ['access_refused', 'the server does not permit reading this node'],
  BadNotWritable: ['access_refused', 'the server does not permit writing this node'],
  BadUserAccessDenied: ['access_refused', 'the server does not permit this to the user'],
  BadTypeMismatch: ['type_wrong', 'the server expects another type'],
  BadOutOfRange: ['value_refused', 'the value is outside the range of the server'],
  BadWaitingForInitialData: ['value_missing', 'the server has no value yet'],
  BadNoCommunication: ['equipment_failed', 'the server has lost the connection to the equipment'],
  BadSensorFailure: ['equipment_failed', 'the server reports a failed sensor'],
  BadDeviceFailure: ['equipment_failed', 'the server reports failed equipment'],
}

/** Why a value is bad or doubtful, in words. */
export function statusCause(status: StatusCode): TagCause {
  const [code, message] = CAUSES[status.name.split('#')[0] ?? ''] ?? usual(status)
  return { code, message: `${message} (${status.name}, 0x${status.value.toString(16).padStart(8, '0')})` }
}

const usual = (status: StatusCode): [code: string, message: string] =>
  isBad(status)
    ? ['equipment_says_bad', 'the server marks the value as bad']
    : ['equipment_says_uncertain', 'the server marks the value as uncertain']

/** Whether the code says that a method was not begun. All others may come from what it did already. */
export const isUnbegun = (status: StatusCode): boolean => {
  const name = status.name.split('#')[0] ?? ''
  return name in CALLS || UNBEGUN.has(name)
}

const UNBEGUN: ReadonlySet<string> = new Set([
  'BadNodeIdInvalid',
  'BadNodeIdUnknown',
  'BadNodeClassInvalid',
  'BadUserAccessDenied',
  'BadTypeMismatch',
  'BadOutOfRange',
])

/** [OPC 10000-4, 7.38.1] The two highest bits: 00 good, 01 uncertain, 1x bad. */
export const isBad = ({ value }: StatusCode): boolean => value >= 0x8000_0000
export const isUncertain = ({ value }: StatusCode): boolean => value >= 0x4000_0000 && value < 0x8000_0000
