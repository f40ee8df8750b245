/** OPC UA status: what the codes of servers mean, and what to look at. [OPC 10000-4, 7.38] */
import type { TagCause } from '@skerry/contract/sources/tag'
import type { StatusCode } from 'node-opcua-client'

/** [OPC 10000-4, 5.12.2] */
const CALLS: Readonly<Record<string, [code: string, message: string]>> = {
  BadArgumentsMissing: ['type_wrong', 'the method wants more arguments'],
  BadTooManyArguments: ['type_wrong', 'the method wants fewer arguments'],
  BadInvalidArgument: ['value_refused', 'the method does not take these arguments'],
  BadMethodInvalid: ['address_unknown', 'the object has no such method'],
  BadNotExecutable: ['access_refused', 'the method cannot be called now'],
  BadInvalidState: ['access_refused', 'the equipment is in no state in which this can be done'],
  BadNotImplemented: ['access_refused', 'the server does nothing for this method'],
  BadNotSupported: ['access_refused', 'the server does not call this method'],
  BadSecurityModeInsufficient: ['access_refused', 'the server wants a connection that is better secured'],
}

const CAUSES: Readonly<Record<string, [code: string, message: string]>> = {
  ...CALLS,
  BadNodeIdUnknown: ['address_unknown', 'the server has no such node; skerry source browse shows those that it has'],
  BadNodeIdInvalid: ['address_unknown', 'the server takes this for no name of a node'],
  BadNotReadable: ['access_refused', 'the server does not let this node be read'],
  BadNotWritable: ['access_refused', 'the server does not let this node be written'],
  BadUserAccessDenied: ['access_refused', 'the server does not let this user'],
  BadTypeMismatch: ['type_wrong', 'the server wants another type'],
  BadOutOfRange: ['value_refused', 'the server says that the value is beyond what it takes'],
  BadWaitingForInitialData: ['value_missing', 'the server has no value yet'],
  BadNoCommunication: ['equipment_failed', 'the server has lost what is behind it'],
  BadSensorFailure: ['equipment_failed', 'the server says that the sensor failed'],
  BadDeviceFailure: ['equipment_failed', 'the server says that the equipment failed'],
}

/** Why a value is bad or doubtful, in words. */
export function statusCause(status: StatusCode): TagCause {
  const [code, message] = CAUSES[status.name.split('#')[0] ?? ''] ?? usual(status)
  return { code, message: `${message} (${status.name}, 0x${status.value.toString(16).padStart(8, '0')})` }
}

const usual = (status: StatusCode): [code: string, message: string] =>
  isBad(status)
    ? ['equipment_says_bad', 'the server says that the value is bad']
    : ['equipment_says_uncertain', 'the server says that the value is doubtful']

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
