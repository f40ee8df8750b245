import { type SyslogState, SyslogTarget } from '@skerry/contract/audit/audit-export'
import { asIs, command, fits, fitsNumber, flag, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { YES } from '../../program/options.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf } from '../../program/terminal/table.ts'
import { countText, instantText } from '../../program/terminal/words.ts'
import { parseLimit } from '../../program/values.ts'

const { host: Host, port: Port, facility: Facility, serverName: ServerName } = SyslogTarget.shape

export const setAuditSyslog = command({
  name: 'audit syslog',
  summary: 'Show or set the syslog receiver of the audit log, over TLS',
  details:
    'Each record and each checkpoint is sent at least once, in order; seq in the structured data identifies duplicates. Without options the command shows ' +
    'the progress. New settings replace all earlier ones. For a receiver in a private network, the operator must permit it at the ' +
    'hub: "skerry hub --webhook-allow HOST:PORT".',
  examples: [
    'skerry audit syslog',
    'skerry audit syslog --to siem.plant.example --ca siem-ca.pem',
    'skerry audit syslog --to 10.0.0.9:6514 --ca ca.pem --certificate hub.pem --key hub-key.pem',
    'skerry audit syslog --off --yes',
  ],
  arguments: {},
  options: {
    to: value('--to <host:port>', 'the receiver; port 6514 by default', parseReceiver),
    authority: value('--ca <file>', 'the authority of its certificate, PEM; the usual authorities by default', asIs),
    certificate: value('--certificate <file>', 'client certificate of the hub, PEM', asIs),
    key: value('--key <file>', 'the key of that certificate, PEM', asIs),
    serverName: value(
      '--server-name <name>',
      'name in its certificate, if it is not the host',
      fits(ServerName.unwrap()),
    ),
    facility: value(
      '--facility <number>',
      'facility of the messages, usually 13: log audit',
      fitsNumber(Facility.unwrap()),
    ),
    from: value('--from <sequence>', 'start again with this record', parseLimit),
    isOff: flag('--off', 'stop sending'),
    yes: YES,
  },
  async run({ to, authority, certificate, key, serverName, facility, from, isOff, yes }, session) {
    const others = [authority, certificate, key, serverName, facility, from].some((each) => each !== undefined)
    if (isOff ? to !== undefined || others : to === undefined && others)
      throw wrongUsage('give --to HOST:PORT with the other options, or only --off')
    const { client } = await session.hub()
    const { signal, style } = session
    if (isOff) {
      await session.confirm('stop sending the audit log to the syslog receiver', yes)
      await client.audit.removeSyslog({}, { signal })
      return session.print({ json: {}, text: () => 'the audit log is no longer sent to a receiver' })
    }
    if (to === undefined) {
      const { syslog } = await client.audit.syslog({}, { signal })
      return session.print({
        json: { syslog },
        text: () =>
          syslog
            ? factsOf(style, factsOfSyslog(syslog, style))
            : 'no syslog receiver gets the audit log; "skerry audit syslog --to HOST" sets one',
      })
    }
    const [authorityPem, certificatePem, privateKeyPem] = await Promise.all([authority, certificate, key].map(textOf))
    const wish = { ...to, authorityPem, certificatePem, privateKeyPem, serverName, facility, fromSequence: from }
    const syslog = await client.audit.setSyslog(wish, { signal })
    session.print({ json: { syslog }, text: () => factsOf(style, factsOfSyslog(syslog, style)) })
  },
})

const textOf = async (path: string | undefined) => (path === undefined ? undefined : readText(path))

function factsOfSyslog(state: SyslogState, style: Style): [string, string][] {
  const { target, sentThrough, sentAtMs, waiting, waitingSinceMs, problem } = state
  const at = sentAtMs === undefined ? '' : `, the last at ${instantText(sentAtMs)}`
  const since = waitingSinceMs === undefined ? '' : `, the first since ${instantText(waitingSinceMs)}`
  return [
    ['receiver', `${target.host}, port ${target.port}`],
    ['sent', sentThrough === 0 ? 'nothing yet' : `up to record ${sentThrough}${at}`],
    ['waiting', `${countText(waiting, 'record')}${since}`],
    ...(problem
      ? ([['problem', style.yellow(`${problem.message} (${countText(problem.attempts, 'attempt')})`)]] as [
          string,
          string,
        ][])
      : []),
  ]
}

/** Parses the form `HOST`, `HOST:PORT` or `[IPv6]:PORT`. */
function parseReceiver(text: string): { host: string; port: number | undefined } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = Host.safeParse(bracketed ?? plain)
  const number = port === undefined ? undefined : Port.safeParse(Number(port))
  if (!host.success || number?.success === false)
    throw new Error('must be HOST or HOST:PORT, such as siem.example:6514')
  return { host: host.data, port: number?.data }
}
