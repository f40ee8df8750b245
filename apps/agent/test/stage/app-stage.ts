/** App stage: releases of one small web server, and the containers of an engine, for tests of apps on a device. */
import { ConfigSchema } from '@skerry/contract/apps/config-schema'
import { appFiles, type TestService } from '@skerry/testkit/containers/app-files'
import { busyboxImage, type TestImage } from '@skerry/testkit/containers/busybox-image'
import type { DockerEngine } from '@skerry/testkit/containers/docker-engine'
import { until } from '@skerry/testkit/until'

/** The health check of the web server: unhealthy after about a second. */
export const HEALTH = {
  test: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1/'],
  intervalMs: 300,
  timeoutMs: 2_000,
  retries: 3,
  startPeriodMs: 0,
}

/** A page with the text, over HTTP on port 80. */
export const pageImage = (text: string): Promise<TestImage> =>
  busyboxImage(`echo serving ${text}; exec httpd -f -p 80 -h /www`, { 'www/index.html': text })

/** A page with the settings of the release. The container ends when LIMIT is 0. */
const SETTINGS_SERVER =
  'httpd -p 80 -h /run/settings; while sleep 0.1; do case "$(cat /run/settings/settings.json)" in *LIMIT\\":0*) exit 3;; esac; done'

/** A release with the hot setting LIMIT, and the setting COLOUR. */
export async function hotFiles(port: number) {
  const image = await busyboxImage(SETTINGS_SERVER)
  const config = ConfigSchema.parse({
    type: 'object',
    properties: { LIMIT: { type: 'integer', default: 5, 'x-skerry-hot': true }, COLOUR: { type: 'string' } },
  })
  const web = { image, ports: portOn(port), stopSignal: 'SIGKILL', restart: 'no' as const }
  return appFiles({ web }, config)
}

export const portOn = (host: number) => [{ host, container: 80, protocol: 'tcp' as const, address: '127.0.0.1' }]

/** A release with the page, whose first process ends at once when it is stopped. */
export async function pageFiles(text: string, port: number, more: Partial<TestService> = {}) {
  const image = await pageImage(text)
  return appFiles({ web: { image, ports: portOn(port), healthcheck: HEALTH, stopSignal: 'SIGKILL', ...more } })
}

/** The page; undefined if nobody answers. */
export async function page(port: number, path = '/'): Promise<string | undefined> {
  const signal = AbortSignal.timeout(2_000)
  // The container may end in the middle of its answer.
  return fetch(`http://127.0.0.1:${port}${path}`, { signal })
    .then((response) => response.text())
    .catch(() => undefined)
}

export const pageIs = (port: number, text: string): Promise<unknown> =>
  until(async () => (await page(port)) === text, { what: `the page ${text}` })

/** The names of the containers, running or all, sorted. */
export async function namesIn(engine: DockerEngine, ...flags: string[]): Promise<string[]> {
  const names = await engine.docker('ps', ...flags, '--format', '{{.Names}}')
  return names.split('\n').filter(Boolean).toSorted()
}
