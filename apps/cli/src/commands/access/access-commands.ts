/** The commands on remote access, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { copyFile } from './cp.ts'
import { followLogs } from './logs.ts'
import { listAccess } from './ls.ts'
import { saveRecording } from './recording.ts'
import { requestAccess } from './request.ts'
import { revokeAccess } from './revoke.ts'
import { listAccessSessions } from './sessions.ts'
import { openShell } from './shell.ts'
import { stopAccessSession } from './stop.ts'
import { openTunnel } from './tunnel.ts'
import { watchAccess } from './watch.ts'

export const accessCommands: readonly Command[] = [
  openShell,
  openTunnel,
  followLogs,
  copyFile,
  requestAccess,
  listAccess,
  listAccessSessions,
  saveRecording,
  watchAccess,
  stopAccessSession,
  revokeAccess,
]
