import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Duplex, duplexPair } from 'node:stream'
import type { AccessOrder } from '@skerry/contract/access/access'
import { type FrameKind, frameReader, sizeContent, writeFrame } from '@skerry/contract/access/shell-frame'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { shellTarget } from './shell-target.ts'

const signal = new AbortController().signal

// The start files of the person who runs the tests may do anything.
const home = mkdtempSync(join(tmpdir(), 'skerry-shell-'))
beforeAll(() => void vi.stubEnv('HOME', home))
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})

/** A shell, and the person's end of its stream. */
async function open(wish: Partial<AccessOrder['wish']>) {
  const [near, far] = duplexPair() as [Duplex, Duplex]
  const prepared = await shellTarget({ kind: 'shell', ...wish }, async () => undefined)
  if (!prepared.ok) throw new Error(prepared.message)
  const run = prepared.target.run(far, signal)
  const read = frameReader()
  const heard = { output: '', errors: '', exit: undefined as number | undefined }
  near.on('data', (piece: Buffer) => {
    for (const { kind, content } of read(piece)) {
      if (kind === 'output' || kind === 'errors') heard[kind] += Buffer.from(content).toString()
      if (kind === 'exit') heard.exit = content[0]
    }
  })
  const send = (kind: FrameKind, text = '') => void near.write(writeFrame(kind, Buffer.from(text)))
  return { near, far, run, heard, send }
}

test('a command without a terminal has separate errors, an end of its input, and its exit code', async () => {
  const { run, heard, send } = await open({ command: 'cat; echo wrong >&2; exit 7' })
  send('input', 'some text')
  send('end')
  await run
  expect(heard).toEqual({ output: 'some text', errors: 'wrong\n', exit: 7 })
})

test('a shell without a terminal runs the lines of its input', async () => {
  const { run, heard, send } = await open({})
  send('input', 'echo "in $HOME"; false\n')
  send('end')
  await run
  expect(heard.output).toContain(`in ${home}`)
  expect(heard.exit).toBe(1)
})

test('a terminal has its size, changes it, and has none of the variables of the agent', async () => {
  process.env.SKERRY_TEST_SECRET = 'open sesame'
  const { near, run, heard, send } = await open({
    terminal: { columns: 91, rows: 23 },
    command: 'stty size; read line; stty size; env; exit 3',
  })
  await until(() => heard.output.includes('23 91'))
  near.write(writeFrame('resize', sizeContent({ columns: 120, rows: 40 })))
  send('input', '\r')
  await run
  expect(heard.output).toContain('40 120')
  expect(heard.output).toContain('TERM=xterm-256color')
  expect(heard.output).not.toContain('sesame')
  expect(heard.exit).toBe(3)
  delete process.env.SKERRY_TEST_SECRET
})

test('a program ends with the connection of the person', async () => {
  const { far, run, heard } = await open({ terminal: { columns: 80, rows: 24 }, command: 'echo pid $$; sleep 1000' })
  await until(() => /pid \d+\r\n/.test(heard.output))
  const pid = Number(/pid (\d+)/.exec(heard.output)?.[1])
  far.destroy()
  await run
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})
