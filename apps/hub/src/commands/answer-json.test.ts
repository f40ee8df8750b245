import { expect, test } from 'vitest'
import { parseAnswer } from './answer-json.ts'
import { readLogLines } from './log-lines.ts'
import { readAnswer } from './oip-frame.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))

test('an answer that would keep the hub busy is rejected, anywhere in the answer of a device', () => {
  const heavy = bytes(`[${'[],'.repeat(200_000)}1]`)
  expect(parseAnswer(bytes('{"a":[1]}'))).toEqual({ a: [1] })
  expect(parseAnswer(heavy)).toBeUndefined()
  expect(parseAnswer(bytes('['.repeat(70)))).toBeUndefined()
  expect(parseAnswer(new Uint8Array(5 * 2 ** 20).fill(0x20))).toBeUndefined()
  expect(readLogLines(heavy)).toBeUndefined()
  expect(readAnswer(heavy, heavy.byteLength, 'values')).toBeUndefined()
})

test('an output of over 1 MiB is sent as base64, also to a caller that asked for values', () => {
  const answerOf = (elements: number) => {
    const tensor = { name: 'y', datatype: 'UINT8', shape: [elements], parameters: { binary_data_size: elements } }
    const head = bytes(JSON.stringify({ model_version: '1', outputs: [tensor] }))
    const body = Buffer.concat([head, new Uint8Array(elements).fill(7)])
    return readAnswer(body, head.byteLength, 'values')?.outputs[0]?.data
  }
  expect(answerOf(3)).toEqual([7, 7, 7])
  expect(answerOf(2 ** 20)).toHaveLength(2 ** 20)
  expect(answerOf(2 ** 20 + 1)).toBeTypeOf('string')
})
