/**
 * Log: one JSON object a line, an event name and its fields, never prose: `log.info('release_offered', { deviceId })`.
 * Lines are written synchronously, so that the last words before an exit or a crash are not lost. Secrets are blotted out on the way.
 */
import { type DestinationStream, type Logger, destination as openDestination, pino } from 'pino'
import { plainFields } from './log-fields.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'
export type LogFields = Readonly<Record<string, unknown>>

export type Log = {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
  /** A log that adds these fields to every line. */
  child(fields: LogFields): Log
}

export type LogOptions = {
  /** Which program speaks: `hub`, `agent`, `runner`. */
  name: string
  level?: LogLevel
  /** A file descriptor, a file's path, or anything with `write`. The default is standard error: standard output is for results. */
  destination?: number | string | DestinationStream
  /** Hears each line as it is written, for whoever keeps the newest ones. */
  onLine?: (line: string) => void
}

/** A log whose level, and that of its children, can be changed. */
export type LevelledLog = Log & { setLevel(level: LogLevel): void }

/** Opens a log. Every line has `level`, `time` (ISO 8601, UTC), `name`, `pid`, `event` and the fields. */
export function createLog({ name, level = 'info', destination = 2, onLine }: LogOptions): LevelledLog {
  const opened = typeof destination === 'object' ? destination : openDestination({ dest: destination, sync: true })
  const stream = onLine ? heard(opened, onLine) : opened
  const threshold = { rank: RANKS.indexOf(level) }
  const log = wrap(
    pino(
      {
        level: 'debug',
        base: { name, pid: process.pid },
        messageKey: 'event',
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
        serializers: {},
      },
      stream,
    ),
    threshold,
  )
  return {
    ...log,
    setLevel(next) {
      threshold.rank = RANKS.indexOf(next)
    },
  }
}

const RANKS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

/** Shared with all children: the lowest level that is written. */
type Threshold = { rank: number }

const heard = (stream: DestinationStream, onLine: (line: string) => void): DestinationStream => ({
  write(line) {
    stream.write(line)
    onLine(line)
  },
})

function wrap(logger: Logger, threshold: Threshold): Log {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields: LogFields = {}) => {
      if (RANKS.indexOf(level) >= threshold.rank) logger[level](plainFields(fields), event)
    }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => wrap(logger.child(plainFields(fields)), threshold),
  }
}
