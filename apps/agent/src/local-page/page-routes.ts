/** Page routes: the answers of the local page. All but the page to sign in, style and script need a session. */
import type { DeviceJournal } from '../auditing/device-journal.ts'
import { diagnosticsBundle } from './diagnostics-bundle.ts'
import { createLoginPace } from './login-pace.ts'
import { PAGE_SCRIPT, PAGE_STYLE } from './page-assets.ts'
import { checkNetwork, type PageDoors, readPageFacts, readPageTags } from './page-facts.ts'
import { isPassword, type PagePassword } from './page-password.ts'
import { type PageRequest, SESSION_COOKIE } from './page-request.ts'
import { createPageSessions, hasFormToken, type PageSession } from './page-sessions.ts'
import { devicePage, loginPage, problemPage, tagsPage } from './page-view.ts'

export type PageAnswer = { status: number; headers?: Record<string, string>; type?: string; text?: string }

export type PageRoutesDeps = {
  doors: PageDoors
  /** The password that counts now. */
  password(): Promise<PagePassword | undefined>
  journal: Pick<DeviceJournal, 'note'>
  hubHeardMs(): number | undefined
  /** Whether the browser may send the cookie by HTTPS only. */
  isSecure: boolean
}

export type PageRoutes = (request: PageRequest, signal: AbortSignal) => Promise<PageAnswer>

type Route = (request: PageRequest, session: PageSession, signal: AbortSignal) => Promise<PageAnswer>

/** Sign-ins that wait for the one hash at a time. More come only from an attacker. */
const WAITING_MAX = 4

/** Creates the routes, with nobody signed in. */
export function createPageRoutes(deps: PageRoutesDeps): PageRoutes {
  const { doors, journal, password } = deps
  const sessions = createPageSessions(doors.clock)
  const signIn = createSignIn(deps, sessions)
  let checked: Awaited<ReturnType<typeof checkNetwork>> = []
  const checks = () => {
    const targets = new Set(checked.map(({ target }) => target))
    return [...checked, ...doors.checks().filter(({ target }) => !targets.has(target))]
  }
  const routes: Readonly<Record<string, Route>> = {
    'GET /': async (_request, { formToken }) =>
      htmlAnswer(200, devicePage(await readPageFacts({ ...doors, checks }, deps.hubHeardMs()), formToken)),
    async 'GET /tags'({ query }, { formToken }) {
      const source = query.get('source') ?? ''
      const facts = await readPageTags(doors, source)
      return htmlAnswer(200, tagsPage(source, facts, { token: formToken, nowMs: doors.clock.nowMs() }))
    },
    'GET /diagnostics.json': async (_request, _session, signal) => ({
      status: 200,
      type: 'application/json',
      headers: { 'content-disposition': `attachment; filename="${fileName(doors)}"` },
      text: await diagnosticsBundle(doors, signal),
    }),
    async 'POST /checks'(_request, _session, signal) {
      checked = await checkNetwork(doors, signal)
      return goTo('/')
    },
    async 'POST /consent'({ form }) {
      const isKnown = doors.consents.decide(form.get('grant') ?? '', form.get('decision') === 'agree')
      return isKnown
        ? goTo('/')
        : htmlAnswer(404, problemPage('No such grant', 'The grant has ended. Nothing is left to decide.'))
    },
    async 'POST /logout'({ token }) {
      sessions.end(token)
      return goTo('/login')
    },
  }
  const open: Readonly<Record<string, (request: PageRequest) => Promise<PageAnswer>>> = {
    'GET /page.css': async () => ({ status: 200, type: 'text/css', text: PAGE_STYLE }),
    'GET /page.js': async () => ({ status: 200, type: 'text/javascript', text: PAGE_SCRIPT }),
    'GET /login': async () => htmlAnswer(200, loginPage(undefined)),
    'POST /login': signIn,
  }
  const enter = async (request: PageRequest, signal: AbortSignal) => {
    const stored = await password()
    const session = stored && sessions.find(request.token, stored.salt)
    if (!session) return goTo('/login')
    const route = routeOf(routes, request)
    if (!route) return htmlAnswer(404, problemPage('No such page', 'This device has no page at this address.'))
    if (request.method === 'POST' && !hasFormToken(session, request.form.get('token') ?? '')) {
      journal.note('page-refused', { address: request.address, problem: 'a form without the token of its session' })
      return htmlAnswer(403, problemPage('Not accepted', 'The form is from another session. Repeat the step.'))
    }
    return route(request, session, signal)
  }
  return async (request, signal) => routeOf(open, request)?.(request) ?? enter(request, signal)
}

function routeOf<R>(routes: Readonly<Record<string, R>>, { method, path }: PageRequest): R | undefined {
  const at = `${method} ${path}`
  return Object.hasOwn(routes, at) ? routes[at] : undefined
}

function createSignIn(
  { doors, journal, password, isSecure }: PageRoutesDeps,
  sessions: ReturnType<typeof createPageSessions>,
): (request: PageRequest) => Promise<PageAnswer> {
  const pace = createLoginPace(doors.clock)
  // One hash at a time: each takes 16 MiB.
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  const check = async (given: string) => {
    const stored = await password()
    return stored && (await isPassword(given, stored)) ? stored : undefined
  }
  return async ({ address, form }) => {
    const waitSeconds = waiting >= WAITING_MAX ? 1 : pace.take(address)
    if (waitSeconds > 0) {
      const text = loginPage(`Too many tries. Try again in ${waitSeconds} s.`)
      return { ...htmlAnswer(429, text), headers: { 'retry-after': String(waitSeconds) } }
    }
    waiting += 1
    const turn = last.then(() => check(form.get('password') ?? ''))
    last = turn.catch(() => undefined)
    const stored = await turn.finally(() => {
      waiting -= 1
    })
    if (!stored) {
      journal.note('page-refused', { address, problem: 'a wrong password' })
      return htmlAnswer(401, loginPage('The password is wrong.'))
    }
    pace.refund(address)
    journal.note('page-entered', { address })
    const cookie = `${SESSION_COOKIE}=${sessions.begin(stored.salt)}; Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
    return { ...goTo('/'), headers: { location: '/', 'set-cookie': cookie } }
  }
}

const htmlAnswer = (status: number, text: string): PageAnswer => ({ status, type: 'text/html', text })

/** [RFC 9110 15.4.4] After a form, so that a reload sends nothing twice. */
const goTo = (location: string): PageAnswer => ({ status: 303, headers: { location } })

const fileName = ({ identity, clock }: PageDoors) =>
  `${identity()?.name ?? 'device'}-diagnostics-${new Date(clock.nowMs()).toISOString().slice(0, 16).replaceAll(':', '')}.json`
