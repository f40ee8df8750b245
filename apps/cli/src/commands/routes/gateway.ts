import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Name } from '@skerry/contract/values/names'
import { runGateway } from '@skerry/inference/gateway/run-gateway'
import { createLog } from '@skerry/platform/process/log'
import * as z from 'zod'
import { asIs, command, fits, flag, usually, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseDuration } from '../../program/values.ts'
import { gatewayHub } from './gateway-hub.ts'

export const runGatewayCommand = command({
  name: 'gateway',
  summary: 'Run a gateway: it answers requests to routes, and passes them to the devices that serve the models',
  details:
    'The gateway is a process of its own, beside the hub or at a site. It needs a key with the permission route.serve, ' +
    'from SKERRY_KEY or the sign-in. Callers use keys with model.run. It continues while the hub does not answer. Its log goes to standard error.',
  examples: [
    'skerry gateway --site lyon --listen 127.0.0.1:8600',
    'skerry gateway --name lyon-1 --site lyon --listen 0.0.0.0:8600 --tls-cert gateway.pem --tls-key gateway-key.pem',
  ],
  arguments: {},
  options: {
    name: usually('--name <name>', 'gateway', 'the name of this gateway in the hub', fits(Name)),
    site: value(
      '--site <site>',
      'the site at which it runs, for local places and for rules of data and law',
      fits(Name),
    ),
    listen: usually('--listen <host:port>', '127.0.0.1:8600', 'address for callers', parseAddress),
    grpc: value('--grpc <host:port>', 'address for callers over gRPC, such as 127.0.0.1:8601', parseAddress),
    url: value('--url <url>', 'where callers reach it, for people', fits(z.url())),
    certificate: value('--tls-cert <file>', 'its server certificate, with the chain (PEM)', asIs),
    key: value('--tls-key <file>', 'the private key of the certificate (PEM)', asIs),
    isPlain: flag('--plain', 'listen without TLS although others can reach the address, behind a proxy that has it'),
    data: value(
      '--data <dir>',
      'folder for its copy of the routes (default: $SKERRY_HOME/gateway, or ~/.skerry/gateway)',
      asIs,
    ),
    graceSeconds: usually(
      '--key-grace <duration>',
      '5m',
      'how long keys that were good stay good while the hub does not answer',
      parseDuration,
    ),
  },
  output: 'stream',
  async run({ name, site, listen, grpc, url, certificate, key, isPlain, data, graceSeconds }, session) {
    if ((certificate === undefined) !== (key === undefined)) throw wrongUsage('--tls-cert and --tls-key go together')
    const tls =
      certificate !== undefined && key !== undefined ? { certificateFile: certificate, keyFile: key } : undefined
    const exposed = [listen, ...(grpc ? [grpc] : [])].find(({ host }) => !isLoopback(host))
    if (!tls && !isPlain && exposed) {
      throw wrongUsage(
        `the address ${exposed.host} is open to others, and their keys would travel unencrypted`,
        'give --tls-cert and --tls-key, or --plain behind a proxy with TLS',
      )
    }
    const { env } = session.io
    const { connection } = await session.hub()
    const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string }
    const folder = data ?? join(env.SKERRY_HOME ?? join(homedir(), '.skerry'), 'gateway')
    const log = createLog({ name: 'gateway' })
    const graceMs = graceSeconds * 1_000
    const hub = gatewayHub(connection, site)
    await runGateway({ hub, name, site, url, listen, grpc, tls, folder, graceMs, version, log }, session.signal)
  },
})

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127\./.test(host)

function parseAddress(text: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535) throw new Error('must look like 127.0.0.1:8600')
  return { host, port: Number(port) }
}
