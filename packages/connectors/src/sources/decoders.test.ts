/** What comes from outside is bytes until it was read. Whatever they are, each reader of our own gives a value, or says why not; and comes to an end. */
import { BacnetTag } from '@skerry/contract/sources/protocols/source-bacnet'
import { CanTag } from '@skerry/contract/sources/protocols/source-can'
import { EthernetIpTag } from '@skerry/contract/sources/protocols/source-ethernet-ip'
import { Iec104Connection, Iec104Tag } from '@skerry/contract/sources/protocols/source-iec104'
import { KnxTag } from '@skerry/contract/sources/protocols/source-knx'
import { MqttTag } from '@skerry/contract/sources/protocols/source-mqtt'
import { SerialTag } from '@skerry/contract/sources/protocols/source-serial'
import { SnmpTag } from '@skerry/contract/sources/protocols/source-snmp'
import { SparkplugTag } from '@skerry/contract/sources/protocols/source-sparkplug'
import { createSparkplugNode } from '@skerry/core/equipment/sparkplug-node'
import { harmTo, randomOf } from '@skerry/testkit/faults/garbling-way'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readProperty } from '../bacnet/value.ts'
import { createLineCutter as createCanCutter, frameOf } from '../can/frame.ts'
import { bitsOf, numberOf } from '../can/signal.ts'
import { openedConnection } from '../ethernet-ip/connection.ts'
import { carriedBy, cutFrame } from '../ethernet-ip/encapsulation.ts'
import { parseReply, severalReplies } from '../ethernet-ip/message.ts'
import { readTold, toldIn } from '../ethernet-ip/value.ts'
import { encodeApdu, takeApdus } from '../iec104/apdu.ts'
import { decodeAsdu } from '../iec104/asdu.ts'
import { hearApdu, newLink } from '../iec104/link.ts'
import { readObject } from '../iec104/value.ts'
import { readTelegram } from '../knx/value.ts'
import { crcOf, findAnswer } from '../modbus/rtu-frame.ts'
import { incomingOf, messageReader } from '../mqtt/value.ts'
import { parseFrame, readAnswer, setupAnswer, writeAnswer } from '../s7/frame.ts'
import { createLineCutter } from '../serial/lines.ts'
import { readLine } from '../serial/value.ts'
import { readVarbind } from '../snmp/value.ts'
import { decodePayload, encodePayload, type Metric } from '../sparkplug/payload.ts'
import { metricValue } from '../sparkplug/value.ts'

type Reader = { read(bytes: Buffer): unknown; sound: Buffer }

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const NOW = 1_795_000_000_000

const unit3 = [3, 3, 0, 100, 0, 2]
const answer3 = [3, 3, 4, 0x40, 0x50, 0, 0]
const withCrc = (bytes: number[]) =>
  Buffer.from([...bytes, crcOf(Uint8Array.from(bytes)) & 0xff, crcOf(Uint8Array.from(bytes)) >> 8])

const READERS: Record<string, Reader> = {
  'modbus rtu': { read: (bytes) => findAnswer(withCrc(unit3), bytes), sound: withCrc(answer3) },
  iec104: {
    read(bytes) {
      const link = newLink(Iec104Connection.parse({ host: 'station' }), 0)
      for (const apdu of takeApdus(bytes).apdus) {
        const { deliver } = hearApdu(link, apdu, 0)
        for (const object of deliver ? decodeAsdu(deliver).objects : []) {
          readObject(Iec104Tag.parse({ name: 'tag', address: '100' }), {
            ...object,
            receivedTimeMs: NOW,
            utcOffsetMinutes: 60,
          })
        }
      }
    },
    sound: Buffer.from(
      encodeApdu({
        format: 'i',
        sent: 0,
        received: 0,
        asdu: hex('24 01 03 00 01 00 64 00 00 00 00 50 40 00 10 27 1e 0b 1b 0b 1a'),
      }),
    ),
  },
  s7: {
    read(bytes) {
      const frame = parseFrame(bytes)
      if (frame?.kind !== 'answer') return
      setupAnswer(frame)
      readAnswer(frame, [{ length: 4 }, { length: 1 }])
      writeAnswer(frame)
    },
    sound: hex('03 00 00 21 02 f0 80 32 03 00 00 00 01 00 02 00 0c 00 00 04 02 ff 04 00 20 40 50 00 00 ff 03 00 01 01'),
  },
  'ethernet-ip': {
    read(bytes) {
      const cut = cutFrame(bytes)
      const carried = cut.kind === 'frame' ? carriedBy(cut.frame) : undefined
      const reply = carried && parseReply(carried.message)
      if (!reply) return
      openedConnection(reply)
      severalReplies(reply, 2)
      const told = toldIn(reply.data)
      if (told) readTold(EthernetIpTag.parse({ name: 'tag', address: 'Speed' }), told, NOW)
    },
    sound: hex(
      '70 00 1c 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02 00 a1 00 04 00 01 00 00 00 b1 00 0c 00 01 00 cc 00 00 00 ca 00 00 00 50 40',
    ),
  },
  'ethernet-ip text': {
    read(bytes) {
      const told = toldIn(bytes)
      if (told) readTold(EthernetIpTag.parse({ name: 'tag', address: 'Text' }), told, NOW)
    },
    sound: Buffer.concat([hex('a0 02 ce 0f 07 00 00 00'), Buffer.from('PRESS 7'), Buffer.alloc(77)]),
  },
  sparkplug: {
    read(bytes) {
      const payload = decodePayload(bytes)
      if (!payload) return
      const node = createSparkplugNode<Metric>()
      const tag = SparkplugTag.parse({ name: 'tag', node: 'line', metric: 'speed' })
      for (const type of ['NBIRTH', 'NDATA', 'DBIRTH', 'DDATA', 'DDEATH', 'NDEATH'] as const) {
        const { told } = node.hear({ ...payload, type, device: type.startsWith('D') ? 'press' : undefined })
        for (const { metric, known } of told) metricValue(tag, metric, known.datatype, NOW)
      }
    },
    sound: encodePayload(NOW, 0, [
      { name: 'bdSeq', datatype: 8, raw: { case: 'long', value: 3n } },
      { name: 'speed', alias: 7, datatype: 10, quality: 192, raw: { case: 'double', value: 3.25 } },
      { name: 'text', datatype: 12, raw: { case: 'string', value: 'PRESS 7' } },
    ]),
  },
  'serial lines': {
    read(bytes) {
      const group = {
        pattern: /^V (?<steady>[0-9.]+) (?<target>.*)$/,
        tags: [SerialTag.parse({ name: 'tag', address: 'target' })],
      }
      for (const line of createLineCutter('\r\n')(bytes)) readLine(group, line, NOW)
    },
    sound: Buffer.from('V 3.25 30\r\nV 3.25 30\r\n'),
  },
  can: {
    read(bytes) {
      const place = CanTag.parse({ name: 'tag', id: 0x100, start: 4, length: 12 })
      createCanCutter((line) => {
        const frame = frameOf(line)
        const bits = frame && bitsOf(frame.data, place)
        if (bits !== undefined) numberOf(bits, 12, 'signed')
      })(String(bytes))
    },
    sound: Buffer.from('(1436509052.249713) can0 100#4501\n(1436509052.249713) can0 100#4501\n'),
  },
  knx: {
    read: (bytes) =>
      ['1.001', '5.001', '7.001', '9.001', '13.001', '14.056', '16.001'].map((dpt) =>
        readTelegram(KnxTag.parse({ name: 'tag', address: '1/1/1', dpt }), bytes, NOW),
      ),
    sound: hex('01 45'),
  },
  mqtt: {
    read: (bytes) =>
      ['json', 'number', 'text', 'bytes'].map((format) =>
        messageReader(
          MqttTag.parse({ name: 'tag', topic: 'a', format, ...(format === 'json' ? { path: 'deep.level' } : {}) }),
        )(incomingOf(bytes, NOW)),
      ),
    sound: Buffer.from('{"deep":{"level":3.25}}'),
  },
}

const harmed = (sound: Buffer) =>
  fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    fc.integer().map((seed) => {
      const random = randomOf(seed)
      return harmTo(harmTo(sound, sound, random).bytes, sound, random).bytes
    }),
  )

/** An exception of the language is one that nobody thought of. */
const OURS = ['Error', 'SourceTrouble']

describe('bytes of any kind', () => {
  test.each(Object.entries(READERS))('%s', (_, { read, sound }) => {
    fc.assert(
      fc.property(harmed(sound), (bytes) => {
        try {
          read(bytes)
        } catch (error) {
          expect(OURS, String(error)).toContain(error instanceof Error ? error.name : 'no error at all')
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

const anyPart = fc.record({ type: fc.integer({ min: 0, max: 130 }), value: fc.anything() })

test('what the library makes of an answer of BACnet is a value or bad, whatever it made', () => {
  const tag = BacnetTag.parse({ name: 'tag', address: 'analog-input:1' })
  fc.assert(
    fc.property(fc.array(anyPart), fc.option(fc.array(anyPart), { nil: undefined }), (value, flags) => {
      expect(isPlain(readProperty(tag, { value, flags }, NOW))).toBe(true)
    }),
  )
})

test('what the library makes of an answer of SNMP is a value or bad, whatever it made', () => {
  const any = fc.oneof(
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.uint8Array(),
    fc.constant(null),
    fc.constant(undefined),
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 130 }),
      any,
      fc.constantFrom('text', 'number', 'hex'),
      (type, value, octets) => {
        const tag = SnmpTag.parse({ name: 'tag', address: '1.3.6.1', octets })
        const told = readVarbind(tag, { oid: '1.3.6.1', type, value }, NOW)
        expect(isPlain(told)).toBe(true)
        if (value === null || value === undefined) expect(told.quality).toBe('bad')
      },
    ),
  )
})

/** Bad, or of a kind that a tag may have, and no number that is none. */
function isPlain(told: { quality: string; value?: unknown }): boolean {
  const parts = Array.isArray(told.value) ? told.value : [told.value]
  const isSound = (part: unknown) =>
    typeof part === 'number' ? Number.isFinite(part) : ['string', 'boolean'].includes(typeof part)
  return told.quality === 'bad' ? !('value' in told) : parts.every(isSound)
}
