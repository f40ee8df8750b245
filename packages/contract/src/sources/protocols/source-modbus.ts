/** Modbus source: how its connection and its tags are written down. [Modbus Application Protocol V1.1b3] */
import * as z from 'zod'
import { PauseAfterConnect, PauseBetweenRequests } from '../../deployments/pauses.ts'
import { Host } from '../../values/host.ts'
import { BITS_MAX, BITS_WRITTEN_MAX, REGISTERS_MAX, REGISTERS_WRITTEN_MAX } from '../modbus-limits.ts'
import { SerialLineShape } from '../serial-line.ts'
import { TagShape } from '../tag.ts'

/**
 * How requests are made of tags: `none`: one for each; `shrink`: neighbours in the order they are written, `rearrange`: neighbours in the order of their
 * addresses, `max-insert`: those too that have at most `gapMax` between them, which are read and thrown away.
 */
const ReadPlanning = z.strictObject({
  mode: z.enum(['none', 'shrink', 'rearrange', 'max-insert']).default('max-insert'),
  gapMax: z.int().min(1).max(REGISTERS_MAX).default(16),
  /** Some equipment answers fewer than the protocol allows. */
  registersMax: z.int().min(1).max(REGISTERS_MAX).default(REGISTERS_MAX),
  bitsMax: z.int().min(1).max(BITS_MAX).default(BITS_MAX),
})

const Politeness = {
  /** Beyond it the connection is dropped: a late answer would be taken for the next request's. */
  timeoutMs: z.int().min(10).max(60_000).default(1_000),
  ...PauseAfterConnect,
  ...PauseBetweenRequests,
  /** [Modbus 7, exception 06] How often, and after how long, to ask equipment again that says it is busy. */
  busyRetries: z.int().min(0).max(10).default(3),
  busyPauseMs: z.int().min(1).max(60_000).default(250),
}

/** [Modbus Messaging on TCP/IP 4.1] 0 and 255 are for equipment that is its own gateway. */
const Unit = z.int().min(0).max(255)

/** Modbus RTU. A port has one holder, so all units of one line are tags of one source. */
const ModbusSerial = z.strictObject({
  ...SerialLineShape,
  /** [Modbus over Serial Line 2.5.1] How long the line is still between two frames: 3.5 characters where nothing is said. */
  interFrameMs: z.int().min(0).max(1_000).optional(),
})
export type ModbusSerial = z.infer<typeof ModbusSerial>

export const ModbusConnection = z
  .strictObject({
    /** Modbus TCP. */
    host: Host.optional(),
    port: z.int().min(1).max(65_535).default(502),
    /** Modbus RTU, in place of a host. */
    serial: ModbusSerial.optional(),
    /** Of the tags that do not say another. */
    unit: Unit.default(1),
    /** 0 where addresses are written as on the wire; 1 where the manual counts from 1. */
    firstAddress: z.union([z.literal(0), z.literal(1)]).default(0),
    plan: ReadPlanning.prefault({}),
    ...Politeness,
  })
  .refine(
    ({ host, serial }) => (host === undefined) !== (serial === undefined),
    'needs either host, for Modbus TCP, or serial, for Modbus RTU',
  )
export type ModbusConnection = z.infer<typeof ModbusConnection>

export const RegisterType = z.enum([
  ...(['bool', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float32', 'float64', 'string'] as const),
])
export type RegisterType = z.infer<typeof RegisterType>

/** Which byte of ABCD, the most significant first, stands where: on the wire, from left to right. */
export const ByteOrder = z.enum(['ABCD', 'CDAB', 'BADC', 'DCBA'])
export type ByteOrder = z.infer<typeof ByteOrder>

const MASKABLE = ['uint16', 'uint32']

export const ModbusTag = z
  .strictObject({
    ...TagShape,
    /** `holding:100`, `input:100`, `coil:5` or `discrete:5`. */
    address: z
      .string()
      .regex(/^(holding|input|coil|discrete):\d{1,5}$/, 'must look like holding:100, input:100, coil:5 or discrete:5'),
    /** Of another unit behind the same gateway, or on the same line. */
    unitId: Unit.optional(),
    type: RegisterType.optional(),
    order: ByteOrder.default('ABCD'),
    /** Of a register, for a bool; 0 is the least significant. */
    bit: z.int().min(0).max(15).optional(),
    /** Of a string, in bytes, two in each register. */
    length: z
      .int()
      .min(1)
      .max(REGISTERS_MAX * 2)
      .optional(),
    /** Several of the type one after the other: the value is an array. */
    count: z.int().min(1).max(BITS_MAX).default(1),
  })
  .superRefine((tag, context) => {
    for (const [path, message] of tagProblems(tag)) context.addIssue({ code: 'custom', path: [path], message })
  })
export type ModbusTag = z.infer<typeof ModbusTag>

type Draft = {
  address: string
  type?: RegisterType | undefined
  bit?: number | undefined
  length?: number | undefined
} & {
  count: number
  mask?: number | undefined
  shift?: number | undefined
  write?: unknown
}

function tagProblems(tag: Draft): [keyof Draft, string][] {
  const isBits = /^(coil|discrete)/.test(tag.address)
  const type = tag.type ?? (isBits ? 'bool' : 'uint16')
  const isMasked = tag.mask !== undefined || tag.shift !== undefined
  const rules: [boolean, keyof Draft, string][] = [
    [isBits && type !== 'bool', 'type', 'coils and discrete inputs are bool'],
    [
      !isBits && (type === 'bool') !== (tag.bit !== undefined),
      'bit',
      'a bool in a register needs its bit, and only a bool has one',
    ],
    [isBits && tag.bit !== undefined, 'bit', 'coils and discrete inputs are bits already'],
    [
      (type === 'string') !== (tag.length !== undefined),
      'length',
      'a string needs its length in bytes, and only a string has one',
    ],
    [!isBits && type === 'bool' && tag.count > 1, 'count', 'bits of a register are tags of their own'],
    [isMasked && !MASKABLE.includes(type), 'mask', 'only uint16 and uint32 can be masked and shifted'],
    [isMasked && tag.count > 1, 'mask', 'an array cannot be masked'],
    [
      tag.write !== undefined && /^(input|discrete)/.test(tag.address),
      'write',
      'input registers and discrete inputs cannot be written',
    ],
    [
      tag.write !== undefined && tag.count > elementsWrittenMax(type),
      'write',
      `one request writes at most ${elementsWrittenMax(type)} of the type ${type}, and an array is never written by halves`,
    ],
  ]
  return rules.flatMap(([isWrong, path, message]): [keyof Draft, string][] => (isWrong ? [[path, message]] : []))
}

/** In one request. */
const elementsWrittenMax = (type: RegisterType): number =>
  type === 'bool' ? BITS_WRITTEN_MAX : Math.floor(REGISTERS_WRITTEN_MAX / registersOfOne(type))

const registersOfOne = (type: RegisterType): number => Math.max(1, Number(/\d+$/.exec(type)?.[0] ?? 0) / 16)
