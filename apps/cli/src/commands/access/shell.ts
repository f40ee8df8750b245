import { asIs, command, flag, several } from '../../program/command.ts'
import { exitCodes, Failure, failureOf } from '../../program/failure.ts'
import { DEVICE, GRANT, WHY } from './access-options.ts'
import { openAccess } from './open-access.ts'
import { runShell } from './run-shell.ts'

export const openShell = command({
  name: 'shell',
  summary: 'Open a terminal on a device, as the user of its agent; the hub records it',
  details:
    'Needs a grant for shell. The exit code is that of the program on the device, or 255 if there was none (3 and 4 as for all commands: no hub, no permission). Without a terminal on this side, standard input, output and errors are pipes.',
  examples: [
    'skerry shell press-1 --reason "the camera is dark"',
    'skerry shell press-1 -- uptime',
    'echo "ls /var/log" | skerry shell press-1 --grant gra_abcdefgh234567',
  ],
  output: 'stream',
  arguments: { device: DEVICE, words: several('[command...]', 'a command instead of a shell', asIs) },
  options: {
    grant: GRANT,
    reason: WHY,
    isPlain: flag('--pipes', 'pipes even if this side has a terminal'),
  },
  async run({ device, words, grant, reason, isPlain }, session) {
    const local = session.io.terminal()
    const size = isPlain ? undefined : local.size()
    const wish = {
      kind: 'shell' as const,
      ...(size && { terminal: size }),
      ...(words.length > 0 && { command: words.join(' ') }),
    }
    try {
      const { id, isModerated, stream } = await openAccess(session, { device, grant, reason, wish })
      if (isModerated) session.note(`waiting for a moderator, who runs: skerry access watch ${device} ${id}`)
      session.endWith(await runShell(stream, { local, hasTerminal: size !== undefined }, session.signal))
    } catch (error) {
      const { code, message, next, data, exitCode } = failureOf(error, session.signal)
      if (exitCode !== exitCodes.failed) throw error
      // As ssh: 255 is never the code of the program.
      throw new Failure({ code, message, next, data, exitCode: exitCodes.remote, cause: error })
    }
  },
})
