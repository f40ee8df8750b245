/**
 * `npm start`: the whole of Skerry on one machine, in about a minute. A hub and three agents as separate processes, one
 * model, real sensor readings; a better version, a broken version, a lost hub. Then everything stays up until Ctrl-C.
 * With `--once` it ends instead, and succeeds only if all that it shows has really happened.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newFindings } from '../stage/findings.ts'
import { type HubProgram, newHubHome, startAgent, startHub } from '../stage/fleet.ts'
import { loseHub, refuse, rollOut } from './acts.ts'
import { feed, newFeeder } from './feeder.ts'
import { places } from './places.ts'
import { openScreen } from './screen.ts'
import { MODEL, shipments } from './shipment.ts'
import type { Tour } from './tour.ts'

/** The version that the third push must leave in place. */
const GOOD_VERSION = 2

const opening = `Skerry takes one model to three places, and keeps it right there.
All of it is real: separate processes, signed files, readings of real sensors. It takes about a minute.`

const isOnce = process.argv.includes('--once')
const stopping = new AbortController()
process.once('SIGINT', () => stopping.abort())
process.once('SIGTERM', () => stopping.abort())

const folder = await mkdtemp(join(tmpdir(), 'skerry-tour-'))
try {
  await using stack = new AsyncDisposableStack()
  const failed = await tell(await begin(stack, stopping.signal))
  if (failed.length > 0) process.exitCode = 1
} catch (error) {
  if (!stopping.signal.aborted) console.error(error)
  process.exitCode = isOnce || !stopping.signal.aborted ? 1 : 0
}
if (process.exitCode) console.error(`logs and data are kept in ${folder}`)
else await rm(folder, { recursive: true })

/** Starts everything. The programs on the stack end with the tour, in the reverse order. */
async function begin(stack: AsyncDisposableStack, signal: AbortSignal): Promise<Tour> {
  const feeders = places.map(newFeeder)
  const screen = stack.use(openScreen(process.stdout, feeders))
  screen.say(opening)
  screen.say('\n1. Start a hub, and an agent at each of three sites')
  const home = await newHubHome(folder)
  const hub = await startHub(home)
  const tour: Tour = { home, hub, agents: [], feeders, thresholds: new Map(), screen, findings: newFindings(), signal }
  stack.defer(() => tour.hub.stop())
  screen.say(`   hub      ${hub.url}`)
  screen.say(`   watch it in a browser, which will ask about the hub's own certificate: ${signInLink(hub)}`)
  for (const place of places) {
    const agent = stack.use(await startAgent(hub, { ...place, folder }))
    tour.agents.push(agent)
    screen.say(`   ${place.site.name.padEnd(8)} ${place.site.country} ${place.site.kind.padEnd(5)} ${agent.restUrl}`)
  }
  startFeeders(tour, stack)
  return tour
}

/** Browsers send nothing of an address from its # on. */
function signInLink({ url, connection }: HubProgram): string {
  return `${url}/sign-in#key=${connection.key}`
}

/** Each site's readings go to the site's own agent, from now to the end. */
function startFeeders({ agents, feeders, thresholds }: Tour, stack: AsyncDisposableStack): void {
  const ending = new AbortController()
  const feeding = feeders.map((feeder, index) =>
    feed(feeder, { url: agents[index]?.restUrl ?? '', model: MODEL, thresholds }, ending.signal),
  )
  stack.defer(async () => {
    ending.abort()
    await Promise.all(feeding)
  })
}

/** Plays the acts; gives the claims that did not hold. */
async function tell(tour: Tour): Promise<string[]> {
  const { screen, findings } = tour
  screen.say('\n2. Push a model and roll it out: first to one site, then to the others')
  await rollOut(tour, shipments.first)
  screen.say('3. Do the same with a better version, while readings keep coming')
  await rollOut(tour, shipments.better)
  screen.say('4. Try a version that was exported wrongly: it loads and looks well, but answers differently each time')
  await refuse(tour)
  screen.say('5. Stop the hub, and start it again')
  await loseHub(tour, GOOD_VERSION)

  const failed = findings.failed()
  const seconds = Math.round(performance.now() / 1000)
  screen.say(
    failed.length === 0
      ? `All ${findings.count()} claims held, in ${seconds} s.`
      : `Did not hold: ${failed.join('; ')}`,
  )
  if (isOnce) return failed
  screen.say(await closing(tour))
  await new Promise((resolve) => tour.signal.addEventListener('abort', resolve, { once: true }))
  return failed
}

/** The next steps with a fleet that stays up. */
async function closing({ hub, home, agents }: Tour): Promise<string> {
  const [first] = agents
  return `
Everything stays up until you press Ctrl-C. In another terminal:

   export SKERRY_HUB=${hub.url} SKERRY_KEY=${hub.connection.key} SKERRY_CA_FILE=${hub.authorityPath}
   node_modules/.bin/skerry status
   node_modules/.bin/skerry deployment explain ${MODEL} ${first?.device}
   curl -s ${first?.restUrl}/v2/models/${MODEL}

   ${signInLink(hub)}
   the console, signed in; the browser will ask about the certificate, which is this hub's own
   ${hub.url}/docs   the API
   ${home.folder}   logs and data, removed at the end`
}
