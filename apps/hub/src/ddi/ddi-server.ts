/**
 * DDI server: a second TLS port, for devices that speak DDI. It is off unless the hub has `--ddi-listen`.
 */
import { type SecondServer, startSecondServer } from '../http/second-server.ts'
import type { Hub } from '../hub.ts'
import { createReportFlusher } from '../link/reports/report-flusher.ts'
import { createReportPace } from '../link/reports/report-pace.ts'
import { createDdiDesk } from './ddi-desk.ts'
import { installDdiRoutes } from './ddi-routes.ts'

export type DdiOptions = {
  host: string
  port: number
  /** The usual time between two polls of a device. A device in a measured wave polls more often. */
  pollSeconds: number
}

const LIMITS = {
  // A feedback of SWUpdate with the lines of its log has some 20 kB.
  bodyBytesMax: 64 * 1024,
  // Devices have slow lines, and send little.
  requestMs: 60_000,
  // 10,000 devices that poll once a minute need a fraction of it at a time.
  connectionsMax: 10_000,
  charactersMax: 300,
}

export const startDdiServer = (hub: Hub, { pollSeconds, ...place }: DdiOptions): Promise<SecondServer> =>
  startSecondServer(hub, {
    ...place,
    limits: LIMITS,
    event: 'ddi_ready',
    install(app, stack) {
      const reports = stack.use(createReportFlusher(hub))
      const desk = createDdiDesk({ hub, reports, pace: createReportPace(hub), pollMs: pollSeconds * 1_000 })
      installDdiRoutes(app, hub, desk)
    },
  })
