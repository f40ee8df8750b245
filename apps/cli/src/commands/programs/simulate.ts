/** `skerry simulate` */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SkerryClient } from '@skerry/client/client'
import { BEHAVIOURS, Behaviour, type SimulationNews, SimulationTask } from '@skerry/contract/devices/simulation'
import { Name } from '@skerry/contract/values/names'
import { command, fitsNumber, flag, list, needed, usually, value } from '../../program/command.ts'
import type { Session } from '../../program/session.ts'
import { parseDuration, parseModelReference } from '../../program/values.ts'
import { stateLine, summaryOf, summaryText } from './simulation-view.ts'
import { runSimulator } from './simulator-process.ts'

const { devices, seed, atOnce } = SimulationTask.shape

/** What marks the devices, so that selectors find them and nothing else is removed. */
const LABEL = 'simulated'

/** Removals that are under way at a time: the hub writes one after the other anyway. */
const REMOVALS_AT_ONCE = 8

export const simulateDevices = command({
  name: 'simulate',
  summary: 'Simulate a fleet on a hub, to find out the load that the hub can carry',
  details:
    'Joins simulated devices with real links, real certificates and the decisions of the real agent, but without a disk, a ' +
    'runtime or a download. They stay in the hub until they are removed, all with the label simulated=RUN. Ctrl-C ends it. Behaviours: ' +
    `${Object.entries(BEHAVIOURS)
      .map(([name, meaning]) => `${name} (${meaning})`)
      .join(', ')}.`,
  examples: [
    'skerry simulate --devices 1000 --for 10m --remove',
    'skerry simulate --devices 500 --sites 20 --behaviour flaky=5% --behaviour failing=2%',
  ],
  arguments: {},
  options: {
    devices: needed('--devices <count>', 'number of devices', fitsNumber(devices)),
    sites: usually('--sites <count>', '1', 'number of sites, named simulated-1 and so on', parseSites),
    shares: list('--behaviour <name=share>', 'behaviour of a share of the devices, such as flaky=5%', parseShare),
    failing: list('--failing-version <model:version>', 'a version that no device can load', parseVersion),
    seed: usually('--seed <number>', '1', 'the same seed repeats the same run', fitsNumber(seed)),
    atOnce: usually('--at-once <count>', '64', 'connections that are opened at once', fitsNumber(atOnce)),
    seconds: value('--for <time>', 'how long they run once all are connected; until Ctrl-C by default', parseDuration),
    isRemoved: flag('--remove', 'remove the devices from the hub at the end'),
  },
  async run({ sites, shares, failing, seconds, isRemoved, ...input }, session) {
    const { client } = await session.hub()
    const run = Math.floor(session.io.nowMs()).toString(36)
    const tokens = await makeTokens(client, { sites, devices: input.devices, run }, session.signal)
    const task = { ...input, run, tokens, shares: Object.fromEntries(shares), failingVersions: failing }
    const startedMs = session.io.nowMs()
    const over = overAfter(seconds, session.signal)
    try {
      const { figures } = await runSimulator(task, watch(session, over.begin), over.signal)
      const summary = summaryOf(run, input.devices, (session.io.nowMs() - startedMs) / 1_000, figures)
      session.print({ json: summary, text: () => summaryText(summary, session.style) })
    } finally {
      over.stop()
      // A second Ctrl-C ends the process; the first only the simulation.
      if (isRemoved) await removeDevices(client, run, session)
      else session.note(`They are still in the hub: skerry device ls --selector 'device.labels.${LABEL} == "${run}"'`)
    }
  },
})

function parseSites(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1 || count > 1_000) throw new Error('must be from 1 to 1000')
  return count
}

function parseShare(text: string): readonly [Behaviour, number] {
  const [, name, percent] = /^([a-z]+)=(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text) ?? []
  const behaviour = Behaviour.safeParse(name)
  if (!behaviour.success) throw new Error(`must look like flaky=5%; there are ${Behaviour.options.join(', ')}`)
  if (Number(percent) > 100) throw new Error('must be at most 100%')
  return [behaviour.data, Number(percent) / 100]
}

function parseVersion(text: string): string {
  const { model, version } = parseModelReference(text)
  if (version === undefined || !/^\d+$/.test(version)) throw new Error('must look like anomaly:3')
  return `${model}:${version}`
}

type Places = { sites: number; devices: number; run: string }

/** A token for each site, for as many devices as it gets. */
async function makeTokens(client: SkerryClient, { sites, devices: count, run }: Places, signal: AbortSignal) {
  const tokens: string[] = []
  for (let index = 0; index < Math.min(sites, count); index++) {
    const name = Name.parse(`simulated-${index + 1}`)
    await client.site.apply({ name, kind: 'edge' }, { signal })
    const usesMax = Math.ceil(count / Math.min(sites, count))
    const { token } = await client.token.create({ site: name, usesMax, labels: { [LABEL]: run } }, { signal })
    tokens.push(token)
  }
  return tokens
}

/** Fires with the signal of before, or so long after `begin` was called first. */
function overAfter(seconds: number | undefined, signal: AbortSignal) {
  const over = new AbortController()
  let timer: NodeJS.Timeout | undefined
  return {
    signal: AbortSignal.any([signal, over.signal]),
    begin() {
      if (seconds !== undefined) timer ??= setTimeout(() => over.abort(), seconds * 1_000)
    },
    stop: () => clearTimeout(timer),
  }
}

/** A log wants to see that something still moves; a terminal has one line that changes. */
const LINE_MS = 10_000

function watch(session: Session, onConnected: () => void): (news: SimulationNews) => void {
  const { stderr } = session.io
  let shownAtMs = Number.NEGATIVE_INFINITY
  const show = (line: string) => {
    if (session.isJson || (!stderr.isTTY && session.io.nowMs() - shownAtMs < LINE_MS)) return
    shownAtMs = session.io.nowMs()
    stderr.write(stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`)
  }
  return (news) => {
    if (news.kind === 'joining') show(`${news.joined} joined`)
    if (news.kind === 'state') show(stateLine(news))
    if (news.kind === 'state' && news.figures.connectMs !== undefined) onConnected()
    if (news.kind === 'ended' && stderr.isTTY && !session.isJson) stderr.write('\n')
  }
}

/** Goes on after Ctrl-C: it is what was asked for. */
async function removeDevices(client: SkerryClient, run: string, session: Session): Promise<void> {
  const selector = `device.labels.${LABEL} == "${run}"`
  let removed = 0
  for (;;) {
    const { rows } = await client.device.list({ selector, limit: 500 })
    if (rows.length === 0) break
    const left = [...rows]
    const work = async () => {
      for (let device = left.pop(); device; device = left.pop()) await client.device.remove({ device: device.id })
    }
    await Promise.all(Array.from({ length: REMOVALS_AT_ONCE }, work))
    removed += rows.length
    session.note(`${removed} devices removed`)
    await sleep(0)
  }
}
