/** Messages, held against the bytes that Rockwell's own manual shows (1756-PM020F, by page), and against bytes of any kind. */
import { SourceTrouble } from '@skerry/connectors/session'
import { EthernetIpTag } from '@skerry/contract/sources/protocols/source-ethernet-ip'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { browseTags } from './browse.ts'
import { carriedBy, cutFrame, registerSession } from './encapsulation.ts'
import { listTags, parseReply, readFragment, severalReplies, tagPath, writeBit } from './message.ts'
import { readTold, toldIn } from './value.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

test('a part of an array is asked for as the manual does', () => {
  // Page 23.
  const asked = '52 06 91 0A 54 6F 74 61 6C 43 6F 75 6E 74 D6 06 EA 01 00 00'
  expect(hex(readFragment(tagPath('TotalCount'), 1_750, 490))).toBe(hex(bytesOf(asked)))
})

test('bits are set and cleared as the manual does, which does both at once', () => {
  // Page 34: set bit 2 and reset bit 5 of the DINT named ControlWord.
  const head = '4E 07 91 0B 43 6F 6E 74 72 6F 6C 57 6F 72 64 00 04 00'
  const path = tagPath('ControlWord')
  expect(hex(writeBit(path, 4, 2, true))).toBe(hex(bytesOf(`${head} 04 00 00 00 FF FF FF FF`)))
  expect(hex(writeBit(path, 4, 5, false))).toBe(hex(bytesOf(`${head} 00 00 00 00 DF FF FF FF`)))
})

test('members, elements and programs are segments of a path', () => {
  const path = (address: string) => hex(Uint8Array.from(tagPath(address)))
  expect(path('A.Bc[3].D')).toBe('91014100' + '91024263' + '2803' + '91014400')
  expect(path('M[256,65536]')).toBe('91014d00' + '29000001' + '2a0000000100')
  // A bit is no part of it.
  expect(path('A.5')).toBe(path('A'))
  expect(hex(listTags('Program:X', 70_000))).toMatch(/^550a9109.{18}00206b260070110100/)
})

const reply = (status: number, data: string) => {
  const found = parseReply(bytesOf(`d5 00 ${status.toString(16).padStart(2, '0')} 00 ${data}`))
  if (!found) throw new Error('no answer')
  return found
}
const { signal } = new AbortController()

test('names of tags are read as the manual has them, with their dimensions', async () => {
  // Page 48: instance, length and letters of a name, symbol type; then the dimensions that are asked for, too.
  const none = '00 00 00 00 00 00 00 00 00 00 00 00'
  const structure = `43 63 00 00 0C 00 43 69 70 52 65 61 64 44 61 74 61 33 FF 8F ${none}`
  const program = `E8 08 00 00 13 00 50 72 6F 67 72 61 6D 3A 4D 61 69 6E 50 72 6F 67 72 61 6D 68 10 ${none}`
  const answers = [reply(6, structure), reply(0, program)]
  const asked: string[] = []
  const ask = async (message: Uint8Array) => {
    asked.push(hex(message))
    return answers.shift() ?? reply(8, '')
  }
  expect(await browseTags({ bytes: 500, ask }, '', signal)).toEqual([
    { path: 'CipReadData3', label: 'CipReadData3: structure', isFolder: false },
    { path: 'Program:MainProgram', label: 'Program:MainProgram', isFolder: true },
  ])
  expect(asked).toEqual(['5503206b250000000300010002000800', '5503206b250044630300010002000800'])
})

const tag = EthernetIpTag.parse({ name: 'tag', address: 'Tag' })
const anyBytes = fc.uint8Array({ maxLength: 200 })

test('whatever bytes come, they are read or refused, and nothing is thrown', () => {
  fc.assert(
    fc.property(anyBytes, fc.constantFrom(0x6f, 0x70), (data, command) => {
      cutFrame(data)
      carriedBy({ command, session: 1, status: 0, data })
      const answer = parseReply(data)
      if (answer) severalReplies(answer, 3)
      const told = toldIn(data)
      if (told) readTold(tag, told, 0)
    }),
  )
})

test('a list of tags that cannot be read is trouble with the source, and ends', async () => {
  await fc.assert(
    fc.asyncProperty(anyBytes, fc.constantFrom(0, 6), async (data, status) => {
      const ask = async () => ({ service: 0x55, status, extended: undefined, data })
      try {
        expect(await browseTags({ bytes: 500, ask }, '', signal)).toBeInstanceOf(Array)
      } catch (error) {
        expect(error).toBeInstanceOf(SourceTrouble)
      }
    }),
  )
})

test('a frame is cut where it ends, however its bytes come, and one that is too long is nonsense', () => {
  const frame = registerSession()
  for (let length = 0; length < frame.length; length += 1)
    expect(cutFrame(frame.subarray(0, length))).toEqual({ kind: 'more' })
  expect(cutFrame(Uint8Array.of(...frame, 1, 2))).toMatchObject({ kind: 'frame', length: 28, frame: { command: 0x65 } })
  expect(cutFrame(new Uint8Array(24).fill(0xff))).toEqual({ kind: 'nonsense' })
})
