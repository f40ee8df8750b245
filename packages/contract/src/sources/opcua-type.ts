/**
 * OPC UA type: what an argument of a method may be, one value each, as the server names it. Needs no schemas, so that threads of sources do without them.
 * [OPC 10000-6, 5.1.2]
 */
const NUMBERS = ['SByte', 'Byte', 'Int16', 'UInt16', 'Int32', 'UInt32', 'Int64', 'UInt64', 'Float', 'Double'] as const

export const OPCUA_TYPES = [...NUMBERS, 'Boolean', 'String', 'DateTime', 'LocalizedText', 'ByteString'] as const
export type OpcuaType = (typeof OPCUA_TYPES)[number]

export const isNumberType = (type: OpcuaType): boolean => NUMBERS.some((name) => name === type)
