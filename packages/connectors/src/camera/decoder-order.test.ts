import { CameraConnection } from '@skerry/contract/sources/protocols/source-camera'
import { expect, test } from 'vitest'
import { decoderOrder, decoderWords } from './decoder-order.ts'

const TAG = { width: 64, height: 48, pixels: 'rgb', fit: 'pad' } as const
const orderOf = (connection: object, password?: string) =>
  decoderOrder({ connection: CameraConnection.parse(connection), tag: TAG, everyMs: 100, password })

test('where it connects to, and with whose password, is in no argument, and has one reading', () => {
  const access = { user: 'op@plant', password: { secret: 'gate' } }
  const { args, script } = orderOf({ url: 'rtsp://10.0.0.9/s?a=1', ...access }, "p'w\nfile 'x'/@")
  expect(args.join(' ')).not.toMatch(/10\.0\.0\.9|plant|file/)
  expect(script.split('\n').slice(0, 2)).toEqual([
    'ffconcat version 1.0',
    "file 'rtsp://op%40plant:p'\\''w%0Afile%20'\\''x'\\''%2F%40@10.0.0.9/s?a=1'",
  ])
})

test('a camera reaches no file of the machine, and a file no network', () => {
  expect(orderOf({ url: 'rtsp://10.0.0.9/s' }).args).toContain('pipe,fd,rtsp,rtp,tcp,udp')
  expect(orderOf({ file: "it's.mp4" })).toMatchObject({
    args: expect.arrayContaining(['pipe,fd,file']),
    script: "ffconcat version 1.0\nfile 'file:it'\\''s.mp4'\n",
  })
})

test('of what it says the last line is told that has no address', () => {
  const said = [
    '[rtsp @ 0x5] method DESCRIBE failed: 401Unauthorized',
    "[concat @ 0x5] Impossible to open 'rtsp://op:word@10.0.0.9/s'",
    '[in#0 @ 0x5] Error opening input: Server returned 401 Unauthorized (authorization failed)',
    'Error opening input file pipe:0.',
  ]
  expect(decoderWords(said.join('\n'))).toBe('Server returned 401 Unauthorized (authorization failed)')
  expect(decoderWords("Impossible to open 'rtsp://op:word@h/s'\n")).toBe('')
})
