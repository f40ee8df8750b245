/** Opens the command desk: the table of the kinds of commands, with the part that answers each. */
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { CaptureKeeper } from '../captures/capture-keeper.ts'
import type { HubDownload } from '../hub/hub-download.ts'
import type { Address } from '../options.ts'
import type { RunnerSources } from '../runner/runner-supervisor.ts'
import type { StreamDesk } from '../streams/stream-desk.ts'
import { type AppLogSource, sendAppLogs } from './app-logs-command.ts'
import { sendCaptures } from './capture-command.ts'
import { type CommandDesk, type CommandKinds, createCommandDesk } from './command-desk.ts'
import { inferOnDevice } from './infer-command.ts'
import type { LogRing } from './log-ring.ts'
import { sendLogs } from './logs-command.ts'
import { sendLook } from './look-command.ts'
import { testSink } from './sink-commands.ts'
import { browseSource, restartSource, testSource } from './source-commands.ts'
import { sendTags, writeTag } from './tag-commands.ts'

export type CommandDeps = {
  clock: Clock
  log: Log
  logs: LogRing
  send: HubDownload['send']
  runner: Pick<RunnerSources, 'askSources'> & { endpoints(): { rest?: Address } }
  appLines: AppLogSource
  captures: Pick<CaptureKeeper, 'read' | 'settled'>
  streams: StreamDesk
}

/** At the start the desk has no commands. */
export function openCommandDesk({
  clock,
  log,
  logs,
  send,
  runner,
  appLines,
  captures,
  streams,
}: CommandDeps): CommandDesk {
  const rest = () => runner.endpoints().rest
  const kinds: CommandKinds = {
    infer: (command, signal) => inferOnDevice({ send, clock, runner: rest }, command, signal),
    logs: (command, signal) => sendLogs({ send, logs }, command, signal),
    'read-tags': (command, signal) => sendTags({ send, runner }, command, signal),
    look: (command, signal) => sendLook({ send, runner }, command, signal),
    'write-tag': (command) => writeTag(runner, command),
    'browse-source': (command, signal) => browseSource({ send, runner }, command, signal),
    'test-source': (command, signal) => testSource({ send, runner }, command, signal),
    'test-sink': (command, signal) => testSink({ send, runner }, command, signal),
    'read-captures': (command, signal) => sendCaptures({ send, captures }, command, signal),
    'restart-source': (command) => restartSource(runner, command),
    'app-logs': (command, signal) => sendAppLogs({ send, appLines }, command, signal),
    stream: (command, signal) => streams.open(command, signal),
  }
  return createCommandDesk(kinds, log)
}
