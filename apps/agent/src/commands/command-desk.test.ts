import type { CommandAnswer } from '@skerry/contract/devices/device-command'
import { CommandId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { type CommandKinds, createCommandDesk } from './command-desk.ts'

const log = { debug: () => undefined, info: () => undefined, error: () => undefined }
const open = new AbortController().signal
const idOf = (index: number) => CommandId.parse(`cmd_${'aaaaaaa'}${'abcdefghijklmnopqrstuvwxyz'[index % 26]}`)
const logs = (index: number) => ({ kind: 'logs', id: idOf(index), expiresInMs: 60_000, level: 'info', limit: 5 })

/** A desk with log commands that wait until the test releases them. */
function openDesk(work: CommandKinds['logs'] = async () => ({ kind: 'logs', omittedCount: 0 })) {
  const begun: string[] = []
  const answers: CommandAnswer[] = []
  const told = new EventTarget()
  const desk = createCommandDesk(
    {
      infer: async () => ({ kind: 'over' }),
      async logs(command, signal) {
        begun.push(command.id)
        return work(command, signal)
      },
      'read-tags': async () => ({ kind: 'over' }),
      look: async () => ({ kind: 'over' }),
      'write-tag': async () => ({ kind: 'over' }),
      'browse-source': async () => ({ kind: 'over' }),
      'test-source': async () => ({ kind: 'over' }),
      'test-sink': async () => ({ kind: 'over' }),
      'restart-source': async () => ({ kind: 'over' }),
      'app-logs': async () => ({ kind: 'over' }),
      'read-captures': async () => ({ kind: 'over' }),
      stream: async () => ({ kind: 'over' }),
    },
    log,
  )
  const take = (message: unknown, signal: AbortSignal = open) =>
    desk.take(
      message,
      async (answer) => {
        answers.push(answer)
        told.dispatchEvent(new Event('told'))
      },
      signal,
    )
  return { desk, begun, answers, take }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('the desk lists the kinds of its commands, and answers each command once, however often it arrives', async () => {
  const { desk, begun, answers, take } = openDesk()
  expect(desk.kinds).toEqual([
    'infer',
    'logs',
    'read-tags',
    'look',
    'write-tag',
    'browse-source',
    'test-source',
    'test-sink',
    'restart-source',
    'app-logs',
    'read-captures',
    'stream',
  ])
  take(logs(1))
  take(logs(1))
  await settled()
  take(logs(1))
  await settled()
  expect(begun).toEqual([idOf(1)])
  expect(answers).toEqual([{ kind: 'logs', id: idOf(1), omittedCount: 0 }])
})

test('a command that is cancelled or whose link ends is stopped without an answer; another link may send it again', async () => {
  const stopped: boolean[] = []
  const { begun, answers, take } = openDesk(
    (_command, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped.push(true)
          reject(signal.reason)
        })
      }),
  )
  const link = new AbortController()
  take(logs(1))
  take(logs(2), link.signal)
  take({ kind: 'cancel', id: idOf(1) })
  link.abort()
  await settled()
  expect(stopped).toEqual([true, true])
  expect(answers).toEqual([])
  take(logs(2))
  expect(begun).toEqual([idOf(1), idOf(2), idOf(2)])
})

test('a command that throws is answered with a failure', async () => {
  const { answers, take } = openDesk(async () => {
    throw new Error('the disk is gone')
  })
  take(logs(1))
  await settled()
  expect(answers).toEqual([{ kind: 'refused', id: idOf(1), code: 'command_failed', message: 'the disk is gone' }])
})

test('an unknown command is rejected, and a message that is no command is skipped', async () => {
  const { answers, take } = openDesk()
  take({ kind: 'reboot', id: idOf(3), expiresInMs: 1 })
  for (const nonsense of [undefined, 7, {}, { id: 'x' }, { kind: 'cancel' }]) take(nonsense)
  await settled()
  expect(answers).toMatchObject([{ kind: 'refused', id: idOf(3), code: 'command_unknown' }])
})

test('the desk works on eight commands at once, and rejects the next', async () => {
  const { answers, take } = openDesk(() => new Promise(() => {}))
  for (let index = 0; index < 9; index++) take(logs(index))
  await settled()
  expect(answers).toMatchObject([{ kind: 'refused', id: idOf(8), code: 'device_busy' }])
})
