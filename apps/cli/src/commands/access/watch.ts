import { setTimeout as sleep } from 'node:timers/promises'
import { AccessSessionId } from '@skerry/contract/values/ids'
import { plainScreen } from '@skerry/core/access/plain-screen'
import { castEvents } from '@skerry/core/access/recording'
import { command, fits, required } from '../../program/command.ts'
import { DEVICE } from './access-options.ts'

/** The hub writes a part of the recording each second. */
const LOOK_MS = 1_000

export const watchAccess = command({
  name: 'access watch',
  summary: 'Watch the terminal of another person while it is open, until Ctrl-C',
  details:
    'A moderated grant ("skerry access request --moderated") opens no terminal before another person watches it, and its session ends when nobody does. The output is up to two seconds old. Escape sequences are left out that could change more than the screen.',
  examples: ['skerry access watch press-1 acs_abcdefgh234567'],
  output: 'stream',
  arguments: {
    device: DEVICE,
    id: required('<session>', 'id of the session, from "skerry access sessions"', fits(AccessSessionId)),
  },
  options: {},
  async run({ device, id }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const { stdout } = session.io.terminal()
    const about = { device, accessSession: id }
    const begun = await client.access.watch(about, { signal })
    session.note(`watching ${begun.holder.name} on ${begun.device}; Ctrl-C ends it`)
    const screen = plainScreen()
    let after = 0
    for (;;) {
      const { session: now, text, next } = await client.access.live({ ...about, after }, { signal })
      for (const { kind, text: shown } of castEvents(text)) if (kind === 'o') stdout.write(screen(shown))
      const isNew = next > after
      after = next
      if (!isNew && now.endedAtMs !== undefined) return session.note(`the session ended: ${now.ended ?? 'closed'}`)
      if (!isNew) await sleep(LOOK_MS, undefined, { signal })
    }
  },
})
