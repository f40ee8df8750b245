/** Logs target: the newest lines of the agent's log, and then each new line, until the person leaves. */
import { writeFrame } from '@skerry/contract/access/shell-frame'
import type { LogRing } from '../commands/log-ring.ts'
import type { PreparedTarget } from '../streams/stream-desk.ts'

/** Lines from before, so that the reader sees the context. */
const LINES_BEFORE = 50

/** A reader that is this far behind loses lines, and reads how many. */
const BEHIND_BYTES_MAX = 256 * 1024

export function logsTarget(logs: LogRing): PreparedTarget {
  return {
    ok: true,
    target: {
      async run(stream) {
        let lost = 0
        const send = (text: string) => stream.write(writeFrame('output', Buffer.from(text)))
        const stop = logs.follow((line) => {
          if (!stream.writable) return
          if (stream.writableLength > BEHIND_BYTES_MAX) {
            lost += 1
            return
          }
          if (lost > 0) send(`${JSON.stringify({ level: 'warn', event: 'lines_skipped', count: lost })}\n`)
          lost = 0
          send(line)
        })
        stream.resume()
        send(logs.newest('debug', LINES_BEFORE).text)
        await new Promise<void>((resolve) => {
          stream.once('close', resolve)
          stream.once('end', resolve)
        })
        stop()
      },
      [Symbol.dispose]: () => undefined,
    },
  }
}
